import { createHash, randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import { newId } from '../../../platform/database/columns.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound, requestInvalid, serverBusy } from '../../../platform/errors/house.errors.js';
import { endpointFault, endpointOf } from './push-endpoint.js';
import { PushSubscriptionRepository, type SubscriptionRow } from './push-subscription.repository.js';
import { PushWaves } from './push-waves.service.js';
import { isKeyOfBrowser, MOST_SUBSCRIPTIONS } from './push.rules.js';
import type { Subscription, SubscriptionDraft } from './push.types.js';
import { VapidKeys } from './vapid-keys.service.js';

/** Who else subscribes for the same member, or with the same endpoint, at the same time is gone round so often. */
const MOST_TURNS = 50;
const PLACES = Array.from({ length: MOST_SUBSCRIPTIONS }, (_, i) => i + 1);

/** Browsers that want to be told of messages while nobody looks at them. */
@Injectable()
export class PushSubscriptions {
  private readonly trusted: readonly string[];

  constructor(
    private readonly transactions: Transactions,
    private readonly subscriptions: PushSubscriptionRepository,
    private readonly waves: PushWaves,
    private readonly keys: VapidKeys,
    { PUSH_TRUSTED_HOSTS }: Config,
  ) {
    this.trusted = PUSH_TRUSTED_HOSTS;
  }

  /** What browsers subscribe with. */
  key(): { publicKey: string } {
    return { publicKey: this.keys.current.publicKey };
  }

  /**
   * Takes a browser in; one that is known already is the caller's from now on. Whoever has 10 loses the one that was
   * longest not heard of.
   *
   * @throws requestInvalid for an endpoint that nothing may be sent to, and for keys that are none
   */
  async subscribe(memberId: string, { endpoint, keys }: SubscriptionDraft): Promise<{ subscription: Subscription; isNew: boolean }> {
    const url = this.checked(endpoint);
    if (!isKeyOfBrowser(keys)) throw requestInvalid({ errors: [{ path: 'keys.p256dh', message: 'keys.p256dh must be a point of the curve P-256' }] });
    return this.transactions.run(async (tx) => {
      const taken = await this.take(tx, memberId, { endpoint: url, keys });
      tx.afterCommit(() => this.waves.expectSubscriptions());
      return taken;
    });
  }

  /** By its endpoint: afterwards there is none of the member's, were there one or not. */
  async unsubscribe(memberId: string, endpoint: string): Promise<void> {
    const url = endpointOf(endpoint);
    if (url !== undefined) await this.transactions.run((tx) => this.subscriptions.deleteByEndpoint(tx, hashOf(url.href), memberId));
  }

  /** @throws notFound */
  async remove(memberId: string, id: string): Promise<void> {
    if (!(await this.transactions.run((tx) => this.subscriptions.delete(tx, id, memberId)))) throw notFound();
  }

  private checked(endpoint: string): string {
    const url = endpointOf(endpoint);
    const fault = url === undefined ? 'must be an https: address' : endpointFault(url, this.trusted);
    if (url === undefined || fault !== undefined) throw requestInvalid({ errors: [{ path: 'endpoint', message: `endpoint ${fault}` }] });
    return url.href;
  }

  /** Unique keys decide who gets an endpoint and a place; whoever comes too late looks again. */
  private async take(tx: Tx, memberId: string, { endpoint, keys }: SubscriptionDraft): Promise<{ subscription: Subscription; isNew: boolean }> {
    const endpointHash = hashOf(endpoint);
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      const known = await this.subscriptions.findByEndpoint(tx, endpointHash);
      const place = known?.memberId === memberId ? known.place : await this.freePlace(tx, memberId);
      if (place === undefined) continue;
      const fields = { memberId, place, keyId: this.keyIdOf(known), ...keys };
      if (known !== undefined && (await this.subscriptions.renew(tx, known, fields))) return { subscription: shown(known, endpoint), isNew: false };
      if (known === undefined && (await this.subscriptions.insert(tx, { ...fields, id: newId(), endpoint, endpointHash }))) {
        return { subscription: shown((await this.subscriptions.findByEndpoint(tx, endpointHash))!, endpoint), isNew: true };
      }
    }
    throw serverBusy({ retryAfterSeconds: 1 });
  }

  /** Any of those that are free, for who comes at the same time will want another one. */
  private async freePlace(tx: Tx, memberId: string): Promise<number | undefined> {
    const known = await this.subscriptions.listOf(tx, memberId);
    const taken = new Set(known.map(({ place }) => place));
    const free = PLACES.filter((place) => !taken.has(place));
    if (free.length > 0) return free[randomInt(free.length)];
    return (await this.subscriptions.delete(tx, known[0]!.id, memberId)) ? known[0]!.place : undefined;
  }

  /** An endpoint belongs to the key that it was made for as long as it lives. */
  private keyIdOf(known: SubscriptionRow | undefined): string {
    return (known !== undefined ? this.keys.find(known.keyId) : undefined)?.id ?? this.keys.current.id;
  }
}

function hashOf(endpoint: string): Buffer {
  return createHash('sha256').update(endpoint).digest();
}

function shown({ id, createdAt }: SubscriptionRow, endpoint: string): Subscription {
  return { id, endpoint, createdAt: createdAt.toISOString() };
}
