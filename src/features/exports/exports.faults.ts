import { faultPoints } from '../../platform/config/fault-point.js';

/** The moments of an export's life at which a crash must cost nothing. */
export const faultPoint = faultPoints(
  'export.before-claim', 'export.after-claim', 'export.mid-page', 'export.before-fsync', 'export.after-fsync', 'export.before-commit', 'export.after-commit',
  'export.before-removal',
);
