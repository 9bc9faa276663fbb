import { faultPoints } from '../../../platform/config/fault-point.js';

/** The moments of an upload at which a crash must cost nothing. */
export const faultPoint = faultPoints('tus.before-accept', 'tus.after-rest');
