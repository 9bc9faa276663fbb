import { Injectable, Logger } from '@nestjs/common';
import { faultPoints } from '../config/fault-point.js';
import { unseal } from '../config/sealed.js';
import { SecretKeys } from '../config/secret-keys.js';
import { Database } from '../database/database.js';
import { Transactions } from '../database/transactions.js';
import type { Lease } from '../jobs/lease-queue.js';
import { MailQueueRepository, type ClaimedMail } from './mail-queue.repository.js';
import type { OutboxContent } from './mail.types.js';
import { Postman } from './postman.js';

/** The moments at which a crash must lose no mail. */
const faultPoint = faultPoints('mail.before-send', 'mail.after-send');

const MAX_ATTEMPTS = 8;
const FIRST_RETRY_SECONDS = 15;
/** 15 s, 45 s, 2 min … 3 h: four and a half hours in all, for a mail server that is down or wants to be asked again. */
const RETRY_GROWTH = 3;

/** A claimed mail: the lease, and the row. */
export type MailJob = Lease & ClaimedMail;

/** Sends queued mails, each at least once: a crash between sending and forgetting sends it again, with the same Message-ID. */
@Injectable()
export class MailDelivery {
  private readonly logger = new Logger('mail');

  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly queue: MailQueueRepository,
    private readonly keys: SecretKeys,
    private readonly postman: Postman,
  ) {}

  async next(): Promise<MailJob | undefined> {
    if (!(await this.queue.hasDue(this.database))) return undefined;
    return this.transactions.run(async (tx) => {
      const lease = await this.queue.claim(tx);
      return lease && { ...lease, ...(await this.queue.begin(tx, lease.id)) };
    });
  }

  renew(job: MailJob): Promise<boolean> {
    return this.queue.renew(job);
  }

  async giveBack(job: MailJob, delaySeconds = 0): Promise<void> {
    await this.transactions.run((tx) => this.queue.giveBack(tx, job, delaySeconds));
  }

  /** Sends a mail and forgets it, or puts it back for later, or gives it up. */
  async run(job: MailJob, signal: AbortSignal): Promise<void> {
    try {
      const content = unseal<OutboxContent>(job.sealed, this.keys.live('mail'), job.id);
      if (content === undefined) throw new Error('it was changed, or the key that sealed it is no longer known');
      const { decoy, ...message } = content;
      faultPoint('mail.before-send');
      if (!decoy) await this.postman.deliver({ ...message, id: job.id, createdAt: job.createdAt }, signal);
      faultPoint('mail.after-send');
    } catch (error) {
      if (!signal.aborted) await this.settle(job, error);
      return;
    }
    await this.finish(job);
  }

  private async settle(job: MailJob, error: unknown): Promise<void> {
    const { id: mailId, attempt } = job;
    const last = attempt >= MAX_ATTEMPTS;
    // Named one by one: the error of a mail library may carry the mail.
    const { message, code, command, response } = error as Error & Partial<Record<'code' | 'command' | 'response', string>>;
    this.logger[last ? 'error' : 'warn']({ mailId, attempt, reason: { message, code, command, response } }, last ? 'a mail was given up' : 'a mail could not be sent and is tried again');
    if (last) await this.finish(job);
    else await this.giveBack(job, FIRST_RETRY_SECONDS * RETRY_GROWTH ** (attempt - 1));
  }

  private async finish(job: MailJob): Promise<void> {
    await this.transactions.run((tx) => this.queue.finish(tx, job));
  }
}
