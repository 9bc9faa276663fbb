import { faultPoints } from '../../platform/config/fault-point.js';

/** The moments of a batch of messages at which a crash must lose and double nothing, and of a notification at which it must lose none. */
export const faultPoint = faultPoints('chat.before-commit', 'chat.after-commit', 'push.before-send', 'push.after-send');
