export { ParkingModule } from './parking.module.js';
