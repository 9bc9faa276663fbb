import { faultPoints } from '../../platform/config/fault-point.js';

/** The moments of a reservation's life at which a crash must cost nothing. */
export const faultPoint = faultPoints(
  'parking.before-commit', 'parking.after-commit', 'parking.before-intent', 'parking.after-intent', 'parking.before-settlement', 'parking.after-settlement', 'parking.before-cancel',
  'parking.before-refund', 'parking.after-refund',
);
