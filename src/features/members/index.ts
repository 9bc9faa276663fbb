export { MembersModule } from './members.module.js';
export { MembersService, type Registration } from './members.service.js';
export { emailTaken, passwordWeak } from './members.errors.js';
