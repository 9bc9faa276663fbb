import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { quarterOf } from '../guard/day-masks.rules.js';
import { EVER } from '../parking.types.js';
import { WaitlistOffers } from './waitlist-offers.service.js';
import { WaitlistRepository } from './waitlist.repository.js';

/**
 * Ends the waiting for times that have begun, and looks again for the others: what became free was offered at once, but a
 * vehicle may have been expected elsewhere then.
 */
@Injectable()
export class WaitlistSweep {
  constructor(
    private readonly transactions: Transactions,
    private readonly waitlist: WaitlistRepository,
    private readonly offers: WaitlistOffers,
    private readonly clock: Clock,
  ) {}

  async run(signal?: AbortSignal): Promise<void> {
    const now = quarterOf(this.clock.now());
    await this.transactions.runInParts((tx, limit) => this.waitlist.endPast(tx, now, limit));
    for (const garageId of await this.waitlist.listAwaited()) {
      signal?.throwIfAborted();
      // Nothing is counted as free: without an offer nothing changes.
      await this.transactions.run((tx) => this.offers.serve(tx, garageId, { startsAt: now, endsAt: EVER }));
    }
  }
}
