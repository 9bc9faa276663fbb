import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transactions.js';
import { PushSubscriptionRepository } from './push-subscription.repository.js';
import { PushWaveRepository, type Wave } from './push-wave.repository.js';

/** How long it is believed that nobody wants to be told: that late another process notices the very first who does. */
const NOBODY_FOR_MS = 2_000;
/** How long it is believed that somebody does: at worst it is written down for nobody. */
const SOMEBODY_FOR_MS = 60_000;

/** Notes that there are messages, for whoever is to be told of them. */
@Injectable()
export class PushWaves {
  private known = { isAnybody: false, until: 0 };

  constructor(
    private readonly waves: PushWaveRepository,
    private readonly subscriptions: PushSubscriptionRepository,
  ) {}

  /** In the transaction that stores the messages: nobody is told of what is not there, and what is there is not forgotten. */
  async note(tx: Tx, messages: readonly { readonly conversationId: string; readonly no: number }[]): Promise<void> {
    if (performance.now() >= this.known.until) await this.look(tx);
    if (this.known.isAnybody) await this.waves.raise(tx, wavesOf(messages));
  }

  /** Somebody has subscribed here. */
  expectSubscriptions(): void {
    this.known = { isAnybody: true, until: performance.now() + SOMEBODY_FOR_MS };
  }

  private async look(tx: Tx): Promise<void> {
    const before = this.known;
    const isAnybody = await this.subscriptions.isAny(tx);
    // Not when somebody has come while that was read.
    if (this.known === before) this.known = { isAnybody, until: performance.now() + (isAnybody ? SOMEBODY_FOR_MS : NOBODY_FOR_MS) };
  }
}

/** In the order of their keys, so that two transactions that write the same rows wait in one direction. */
function wavesOf(messages: readonly { readonly conversationId: string; readonly no: number }[]): Wave[] {
  const waves = new Map<string, Wave>();
  for (const { conversationId, no } of messages) {
    const wave = waves.get(conversationId);
    waves.set(conversationId, { conversationId, fromNo: Math.min(wave?.fromNo ?? no, no), upToNo: Math.max(wave?.upToNo ?? no, no) });
  }
  return [...waves.values()].sort((a, b) => (a.conversationId < b.conversationId ? -1 : 1));
}
