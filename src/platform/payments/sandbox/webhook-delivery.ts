import { Injectable, Logger } from '@nestjs/common';
import { faultPoints } from '../../config/fault-point.js';
import { SecretKeys } from '../../config/secret-keys.js';
import { Database } from '../../database/database.js';
import { Transactions } from '../../database/transactions.js';
import { withDeadline } from '../../jobs/deadline.js';
import type { Lease } from '../../jobs/lease-queue.js';
import { OwnAddress } from './own-address.js';
import { SandboxWebhookRepository, type ClaimedWebhook } from './sandbox-webhook.repository.js';
import { SIGNATURE_HEADER, signatureHeader } from './webhook-signature.js';

/** The moments at which a crash must lose no webhook. */
const faultPoint = faultPoints('payments.before-webhook', 'payments.after-webhook');

const PATH = '/api/webhooks/payments/sandbox';
const TIMEOUT_MS = 10_000;
/** 1 s, 2 s, 4 s … and then every minute. */
const LONGEST_PAUSE_SECONDS = 60;
const GIVEN_UP_AFTER_SECONDS = 86_400;

/** A claimed webhook: the lease, and the row. */
export type WebhookJob = Lease & ClaimedWebhook;

/** Delivers the sandbox's webhooks to this very process over HTTP, as a provider would: each at least once, and again until it is taken. */
@Injectable()
export class WebhookDelivery {
  private readonly logger = new Logger('payments');

  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly queue: SandboxWebhookRepository,
    private readonly keys: SecretKeys,
    private readonly address: OwnAddress,
  ) {}

  async next(): Promise<WebhookJob | undefined> {
    if (this.address.url === undefined || !(await this.queue.hasDue(this.database))) return undefined;
    return this.transactions.run(async (tx) => {
      const lease = await this.queue.claim(tx);
      return lease && { ...lease, ...(await this.queue.begin(tx, lease.id)) };
    });
  }

  renew(job: WebhookJob): Promise<boolean> {
    return this.queue.renew(job);
  }

  async giveBack(job: WebhookJob, delaySeconds = 0): Promise<void> {
    await this.transactions.run((tx) => this.queue.giveBack(tx, job, delaySeconds));
  }

  /** Sends a webhook and forgets it, or puts it back for later, or gives it up. */
  async run(job: WebhookJob, signal: AbortSignal): Promise<void> {
    try {
      faultPoint('payments.before-webhook');
      const status = await withDeadline(TIMEOUT_MS, signal, (both) => this.post(job.body, both));
      faultPoint('payments.after-webhook');
      if (status < 200 || status > 299) throw new Error(`it was answered with ${status}`);
    } catch (error) {
      if (!signal.aborted) await this.settle(job, (error as Error).message);
      return;
    }
    await this.finish(job);
  }

  /** Signed now, however long it has waited. */
  private async post(body: string, signal: AbortSignal): Promise<number> {
    const signature = signatureHeader(body, Math.floor(Date.now() / 1000), this.keys.current('payments'));
    const answer = await fetch(`${this.address.url}${PATH}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json', [SIGNATURE_HEADER]: signature }, body, signal, redirect: 'manual',
    });
    await answer.body?.cancel();
    return answer.status;
  }

  private async settle(job: WebhookJob, reason: string): Promise<void> {
    const { id: webhookId, attempt } = job;
    const isLast = job.secondsDue > GIVEN_UP_AFTER_SECONDS;
    this.logger[isLast ? 'error' : 'warn']({ webhookId, attempt, reason }, isLast ? 'a webhook of the sandbox was given up' : 'a webhook of the sandbox was not taken and is sent again');
    if (isLast) await this.finish(job);
    else await this.giveBack(job, Math.min(LONGEST_PAUSE_SECONDS, 2 ** (attempt - 1)));
  }

  private async finish(job: WebhookJob): Promise<void> {
    await this.transactions.run((tx) => this.queue.finish(tx, job));
  }
}
