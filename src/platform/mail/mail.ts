import { Injectable } from '@nestjs/common';
import { seal } from '../config/sealed.js';
import { SecretKeys } from '../config/secret-keys.js';
import { newId } from '../database/columns.js';
import type { Tx } from '../database/transactions.js';
import { MailQueueRepository } from './mail-queue.repository.js';
import type { MailMessage, OutboxContent } from './mail.types.js';
import { MailWorker } from './mail.worker.js';

/** Mail is an outbox: written with the work it belongs to, sent after the commit. */
@Injectable()
export class Mail {
  constructor(
    private readonly queue: MailQueueRepository,
    private readonly keys: SecretKeys,
    private readonly worker: MailWorker,
  ) {}

  /**
   * Queues a mail in the caller's transaction. It is sent soon after the commit, at least once, and tried
   * for hours when the mail server does not take it.
   *
   * @param decoy does all the work of sending but the sending, so that nobody can tell by the time which address is known
   * @throws Error for control characters in the address or the subject: a line break there would begin a header
   */
  async send(tx: Tx, { to, subject, text }: MailMessage, { decoy = false } = {}): Promise<void> {
    if (/\p{Cc}/u.test(to + subject)) throw new Error('the address and the subject of a mail are one line each');
    const id = newId();
    await this.queue.insert(tx, id, seal({ to, subject, text, decoy } satisfies OutboxContent, this.keys.current('mail'), id));
    tx.afterCommit(() => this.worker.wake());
  }
}
