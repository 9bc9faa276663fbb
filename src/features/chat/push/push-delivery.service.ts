import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { faultPoint } from '../chat.faults.js';
import { PushNotices } from './push-notices.service.js';
import { PushOutboxRepository, type PushJob } from './push-outbox.repository.js';
import { PushSubscriptionRepository } from './push-subscription.repository.js';
import { PushTransport, type PushRequest } from './push-transport.service.js';
import { MOST_TRIES, pauseSeconds, verdictOn } from './push.rules.js';
import type { PushAnswer } from './push.types.js';

/** Sends notifications, each at least once: after a crash in between it is sent again, under the same topic. */
@Injectable()
export class PushDelivery {
  private readonly logger = new Logger('push');

  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly outbox: PushOutboxRepository,
    private readonly subscriptions: PushSubscriptionRepository,
    private readonly notices: PushNotices,
    private readonly transport: PushTransport,
  ) {}

  async next(): Promise<PushJob | undefined> {
    if (!(await this.outbox.hasDue(this.database))) return undefined;
    return this.transactions.run(async (tx) => {
      const lease = await this.outbox.claim(tx);
      return lease && { ...lease, ...(await this.outbox.begin(tx, lease.id)) };
    });
  }

  renew(job: PushJob): Promise<boolean> {
    return this.outbox.renew(job);
  }

  async giveBack(job: PushJob, delaySeconds = 0): Promise<void> {
    await this.transactions.run((tx) => this.outbox.giveBack(tx, job, delaySeconds));
  }

  /** Sends a notification and forgets it, or puts it back for later, or gives it up. */
  async run(job: PushJob, signal: AbortSignal): Promise<void> {
    try {
      const request = job.attempt > MOST_TRIES ? undefined : await this.notices.request(job);
      if (request === undefined) await this.finish(job);
      else if (request === 'subscription-gone') await this.forget(job);
      else await this.send(job, request, signal);
    } catch (error) {
      if (!signal.aborted) await this.fail(job, { reason: (error as Error).message });
    }
  }

  private async send(job: PushJob, request: PushRequest, signal: AbortSignal): Promise<void> {
    faultPoint('push.before-send');
    const answer = await this.answer(job, request, signal);
    if (answer === undefined) return;
    faultPoint('push.after-send');
    const { status, retryAfterSeconds } = answer;
    const verdict = verdictOn(status);
    if (verdict === 'sent') await this.finish(job);
    else if (verdict === 'subscription-gone') await this.forget(job);
    else await this.fail(job, { status, retryAfterSeconds }, verdict === 'too-large');
  }

  /** Where nobody answers, nothing else is sent for as long: each time would hold up what is sent to others. */
  private async answer(job: PushJob, request: PushRequest, signal: AbortSignal): Promise<PushAnswer | undefined> {
    try {
      return await this.transport.post(request, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      await this.fail(job, { reason: (error as Error).message });
      await this.transactions.run((tx) => this.outbox.putOff(tx, job.subscriptionId, pauseSeconds(job.attempt)));
      return undefined;
    }
  }

  private async fail(job: PushJob, why: { reason?: string; status?: number; retryAfterSeconds?: number | undefined }, isFinal = false): Promise<void> {
    const { subscriptionId, attempt } = job;
    const isLast = isFinal || attempt >= MOST_TRIES;
    // Not the endpoint: whoever knows it may send notifications.
    this.logger.warn({ subscriptionId, attempt, ...why }, isLast ? 'a notification was given up' : 'a notification could not be sent and is tried again');
    if (isLast) await this.finish(job);
    else await this.giveBack(job, pauseSeconds(attempt, why.retryAfterSeconds));
  }

  /** Nothing reaches this browser any more. */
  private async forget(job: PushJob): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.subscriptions.deleteDead(tx, job.subscriptionId);
      await this.outbox.settle(tx, job);
    });
  }

  private async finish(job: PushJob): Promise<void> {
    await this.transactions.run((tx) => this.outbox.settle(tx, job));
  }
}
