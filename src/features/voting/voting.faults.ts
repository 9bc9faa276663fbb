import { faultPoints } from '../../platform/config/fault-point.js';

/** The moments of a batch of votes at which a crash must lose and double nothing. */
export const faultPoint = faultPoints('votes.after-claim', 'votes.before-commit', 'votes.after-commit');
