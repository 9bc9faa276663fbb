export { ExportsModule } from './exports.module.js';
export {
  exportExpired, linkExpired, linkInvalid, notReady, quotaExceeded, sourceForbidden,
  unknownColumn, unknownFilter, unknownFormat, unknownSource,
} from './exports.errors.js';
