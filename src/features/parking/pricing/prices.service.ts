import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Config } from '../../../platform/config/config.js';
import { Database } from '../../../platform/database/database.js';
import type { Reader } from '../../../platform/database/transactions.js';
import type { Garage, KeptPrice, Size, Span, TariffElement } from '../parking.types.js';
import { priceOf } from './price.rules.js';
import { creditsOf } from './refund.rules.js';
import { TariffRepository } from './tariff.repository.js';

const KNOWN_TARIFFS = 1_000;

/** What stays cost. */
@Injectable()
export class Prices {
  /** A version never changes, so what was read once stays right. */
  private readonly tariffs = new LRUCache<string, TariffElement[]>({ max: KNOWN_TARIFFS });

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly repository: TariffRepository,
  ) {}

  /**
   * @param tariffVersion the garage's own of today, or the one that a stay was booked with
   * @param reader the transaction, when called inside one
   */
  async of({ id, timeZone }: Pick<Garage, 'id' | 'timeZone'>, tariffVersion: number, size: Size, { startsAt, endsAt }: Span, reader: Reader = this.database): Promise<KeptPrice> {
    const elements = await this.elements(id, tariffVersion, reader);
    const { priceMinor, lines } = priceOf({ elements, size, span: { startsAt, endsAt }, timeZone });
    return { priceMinor, credits: this.inCredits(priceMinor), lines: lines.map(({ from, to, ...line }) => ({ from: from.toISOString(), to: to.toISOString(), ...line })) };
  }

  /** Minor units of money in credits, rounded up. */
  inCredits(minor: number): number {
    return creditsOf(minor, this.config.CREDIT_VALUE_MINOR);
  }

  async elements(garageId: string, version: number, reader: Reader = this.database): Promise<readonly TariffElement[]> {
    const key = `${garageId} ${version}`;
    const known = this.tariffs.get(key);
    if (known !== undefined) return known;
    const elements = await this.repository.get(reader, garageId, version);
    this.tariffs.set(key, elements);
    return elements;
  }
}
