// Loaded before Plaza's main: each message has a transaction of its own, as the common route would.
import { SendIntake } from '../../dist/src/features/chat/messages/send-intake.service.js';

SendIntake.prototype.send = async function (send) {
  const [outcome] = await this.store.store([send]);
  if (outcome instanceof Error) throw outcome;
  return outcome;
};
