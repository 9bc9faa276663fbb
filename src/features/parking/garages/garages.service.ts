import { Injectable } from '@nestjs/common';
import { Audit } from '../../../platform/audit/audit.js';
import type { Actor } from '../../../platform/auth/actor.js';
import { Clock } from '../../../platform/clock/clock.js';
import { newId } from '../../../platform/database/columns.js';
import { changedMeanwhile } from '../../../platform/database/sql-errors.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { tariffInvalid } from '../parking.errors.js';
import type { BySize, Garage, Size, TariffElement } from '../parking.types.js';
import { faultOfTiers } from '../pricing/refund.rules.js';
import { TariffRepository } from '../pricing/tariff.repository.js';
import { elementsOf, faultOfTariff, type Rate } from '../pricing/tariff.rules.js';
import { GarageRepository, type GarageSettings } from './garage.repository.js';
import { SpotRepository } from './spot.repository.js';

/** What an operator says of a new garage. */
export interface GarageOrder extends Omit<GarageSettings, 'tariffVersion'> {
  readonly rates: Readonly<Record<Size, Rate>>;
}

/** What stays as it is: what was sold goes by it. */
export type GarageChange = Partial<Omit<GarageSettings, 'tariffVersion' | 'timeZone' | 'currency'>>;

/** A garage as it is shown. */
export interface ShownGarage {
  readonly garage: Garage;
  readonly elements: readonly TariffElement[];
  /** Spots in use. */
  readonly counts: BySize;
}

/** Garages and their prices, as operators set them up. */
@Injectable()
export class Garages {
  constructor(
    private readonly transactions: Transactions,
    private readonly garages: GarageRepository,
    private readonly tariffs: TariffRepository,
    private readonly spots: SpotRepository,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** @throws requestInvalid */
  make(actor: Actor, { rates, ...settings }: GarageOrder): Promise<ShownGarage> {
    checkSettings(settings);
    const id = newId();
    return this.transactions.run(async (tx) => {
      await this.garages.insert(tx, id, { ...settings, tariffVersion: 1 });
      await this.tariffs.insert(tx, id, 1, elementsOf(rates));
      const shown = await this.show(tx, id);
      await this.record(tx, actor, id, 'garage.made', { name: settings.name });
      return shown;
    });
  }

  /** Changes what is given. @throws requestInvalid; notFound */
  edit(actor: Actor, id: string, change: GarageChange): Promise<ShownGarage> {
    return this.transactions.run(async (tx) => {
      // Written before it is looked at: of two who each change one end of a range, the later sees the other's.
      if (!(await this.garages.update(tx, id, change))) throw notFound();
      const shown = await this.show(tx, id);
      checkSettings(shown.garage);
      const fields = Object.keys(change).filter((field) => change[field as keyof GarageChange] !== undefined).sort();
      if (fields.length > 0) await this.record(tx, actor, id, 'garage.edited', { fields });
      return shown;
    });
  }

  /** Sets the prices that reservations made from now on go by. @throws tariffInvalid; notFound */
  setTariff(actor: Actor, id: string, elements: readonly TariffElement[]): Promise<{ version: number; elements: readonly TariffElement[] }> {
    const fault = faultOfTariff(elements);
    if (fault !== undefined) throw tariffInvalid({ ...fault });
    return this.transactions.run(async (tx) => {
      const garage = await this.garages.find(id, tx);
      if (garage === undefined) throw notFound();
      if (!(await this.garages.updateTariff(tx, id, garage.tariffVersion))) throw changedMeanwhile('the tariff has been changed meanwhile');
      const version = garage.tariffVersion + 1;
      await this.tariffs.insert(tx, id, version, elements);
      await this.record(tx, actor, id, 'garage.tariff-changed', { version });
      return { version, elements: await this.tariffs.get(tx, id, version) };
    });
  }

  private async show(tx: Tx, id: string): Promise<ShownGarage> {
    const garage = await this.garages.get(tx, id);
    const counts = await this.spots.count(tx, [id], this.clock.now());
    return { garage, elements: await this.tariffs.get(tx, id, garage.tariffVersion), counts: counts.get(id)! };
  }

  private record(tx: Tx, { memberId }: Actor, id: string, action: string, details: Record<string, unknown>): Promise<void> {
    return this.audit.record(tx, { actorId: memberId, action, subjectType: 'garage', subjectId: id, details });
  }
}

function checkSettings({ minMinutes, maxMinutes, cancellation }: Pick<GarageSettings, 'minMinutes' | 'maxMinutes' | 'cancellation'>): void {
  const fault = faultOfTiers(cancellation);
  if (fault !== undefined) throw requestInvalid({ errors: [{ path: fault.path, message: fault.reason }] });
  if (minMinutes > maxMinutes) throw requestInvalid({ errors: [{ path: 'minMinutes', message: `must not be more than maxMinutes, ${maxMinutes}` }] });
}
