import { Injectable } from '@nestjs/common';
import { newId } from '../../database/columns.js';
import type { Tx } from '../../database/transactions.js';
import type { PaymentNotice } from '../payment-provider.js';
import { SandboxWebhookRepository } from './sandbox-webhook.repository.js';
import type { WebhookManner } from './sandbox.types.js';
import { WebhookWorker } from './webhook.worker.js';

/** A notice before it has an id. */
type Unsaid<Notice> = Notice extends unknown ? Omit<Notice, 'eventId'> : never;

/** Says what happened at the sandbox, by webhooks that are written with it. */
@Injectable()
export class SandboxWebhooks {
  constructor(
    private readonly queue: SandboxWebhookRepository,
    private readonly worker: WebhookWorker,
  ) {}

  /** Queues copies of one event, the first after the delay and each further one a second later. */
  async announce(tx: Tx, notice: Unsaid<PaymentNotice>, { copies, delaySeconds }: WebhookManner): Promise<void> {
    const body = JSON.stringify({ eventId: newId(), ...notice });
    for (let copy = 0; copy < copies; copy += 1) await this.queue.insert(tx, body, delaySeconds + copy);
    tx.afterCommit(() => this.worker.wake());
  }
}
