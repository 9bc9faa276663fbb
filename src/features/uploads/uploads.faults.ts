import { faultPoints } from '../../platform/config/fault-point.js';

/** The moments of a file's checking at which a crash must cost nothing. */
export const faultPoint = faultPoints(
  'uploads.before-claim', 'uploads.after-claim', 'uploads.after-objects', 'uploads.before-commit', 'uploads.after-commit', 'uploads.before-removal',
);
