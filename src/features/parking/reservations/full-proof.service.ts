import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import type { DomainError } from '../../../platform/errors/domain-error.js';
import { Alternatives } from '../availability/alternatives.service.js';
import { GarageRepository } from '../garages/garage.repository.js';
import type { Survey, Wish } from '../guard/spot-taking.service.js';
import { garageFull } from '../parking.errors.js';
import type { Garage } from '../parking.types.js';

/** "Full" is only said when it is true. */
@Injectable()
export class FullProof {
  constructor(
    private readonly transactions: Transactions,
    private readonly garages: GarageRepository,
    private readonly alternatives: Alternatives,
  ) {}

  /**
   * Whether a garage in which nothing was free after `survey` was begun is full: bookings only take, so what was taken is
   * taken, unless the counter of what became free has moved on. Written and committed: on a cluster a release on another
   * node that this one has not heard of meets it there.
   */
  isFull({ garageId }: Wish, { frees }: Survey): Promise<boolean> {
    return this.transactions.run((tx) => this.garages.prove(tx, garageId, frees));
  }

  /** The answer to who finds it full, with where and when there is room. */
  async refusal(garage: Garage, wish: Wish): Promise<DomainError> {
    return garageFull(await this.alternatives.to(garage, wish));
  }
}
