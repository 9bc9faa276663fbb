import type { Letter } from './letter.js';

/** Port to whoever carries mails away. */
export abstract class Postman {
  /**
   * Resolves once the mail is somebody else's to deliver.
   *
   * @param signal aborted when the process stops or another one has the mail
   * @throws whatever went wrong: the mail is then tried again later
   */
  abstract deliver(letter: Letter, signal: AbortSignal): Promise<void>;
}
