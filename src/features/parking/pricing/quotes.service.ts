import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Clock } from '../../../platform/clock/clock.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { GarageRepository } from '../garages/garage.repository.js';
import type { KeptPrice, Size } from '../parking.types.js';
import { VehicleRepository } from '../vehicles/vehicle.repository.js';
import { checkSpan, spanOf } from '../window.rules.js';
import { Prices } from './prices.service.js';
import { QuoteTokens } from './quote-tokens.service.js';

/** What somebody wants to know the price of: for a vehicle of theirs, or for one of a size. */
export interface QuoteOrder {
  readonly garageId: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly vehicleId?: string;
  readonly size?: Size;
}

/** A price, and the text by which it holds for five minutes. */
export interface Quote {
  readonly price: KeptPrice;
  readonly currency: string;
  readonly quoteToken: string;
  readonly expiresAt: Date;
}

/** Says what a stay would cost. Keeps no spot, and looks for none. */
@Injectable()
export class Quotes {
  constructor(
    private readonly garages: GarageRepository,
    private readonly vehicles: VehicleRepository,
    private readonly prices: Prices,
    private readonly tokens: QuoteTokens,
    private readonly clock: Clock,
  ) {}

  /** @throws requestInvalid; notFound; windowInvalid, windowPast, windowTooFar, windowTooShort, windowTooLong */
  async quote(actor: Actor, { garageId, startsAt, endsAt, vehicleId, size: given }: QuoteOrder): Promise<Quote> {
    if ((vehicleId === undefined) === (given === undefined)) throw requestInvalid({ errors: [{ path: 'size', message: 'either vehicleId or size must be given' }] });
    const garage = await this.garages.find(garageId);
    const size = given ?? (await this.vehicles.findOwn(actor.memberId, vehicleId!))?.size;
    if (garage === undefined || size === undefined) throw notFound();
    const span = spanOf({ from: startsAt, to: endsAt }, garage.timeZone);
    checkSpan(span, garage, this.clock.now());
    const { tariffVersion, currency } = garage;
    const price = await this.prices.of(garage, tariffVersion, size, span);
    return { price, currency, ...this.tokens.sign({ garageId, size, tariffVersion, ...span }) };
  }
}
