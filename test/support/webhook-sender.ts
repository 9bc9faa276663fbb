import type { Config } from '../../src/platform/config/config.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { JobTimings } from '../../src/platform/jobs/job-timings.js';
import type { OwnAddress } from '../../src/platform/payments/sandbox/own-address.js';
import { SandboxWebhookRepository } from '../../src/platform/payments/sandbox/sandbox-webhook.repository.js';
import { SandboxWebhooks } from '../../src/platform/payments/sandbox/sandbox-webhooks.js';
import { WebhookDelivery } from '../../src/platform/payments/sandbox/webhook-delivery.js';
import { WebhookWorker } from '../../src/platform/payments/sandbox/webhook.worker.js';
import type { TestDatabase } from './database.js';

/** Workers look often, so that a test does not wait for the next poll. */
class QuickTimings extends JobTimings {
  override readonly poll = 20;
}

/**
 * What sends the webhooks of the sandbox, wired as its module does.
 *
 * @param address of whoever gets them; undefined while nobody listens
 */
export function webhookSender(db: TestDatabase, address: { readonly url: string | undefined }) {
  const config = { APP_SECRET: 'a secret of the tests, longer than 32 bytes', PAYMENTS: 'sandbox' } as Config;
  const keys = new SecretKeys(config);
  const timings = new QuickTimings();
  const queue = new SandboxWebhookRepository(db.pools, timings);
  const delivery = new WebhookDelivery(db.transactions, db.database, queue, keys, address as OwnAddress);
  const worker = new WebhookWorker(delivery, timings, config);
  return { keys, delivery, worker, webhooks: new SandboxWebhooks(queue, worker) };
}

export type WebhookSender = ReturnType<typeof webhookSender>;
