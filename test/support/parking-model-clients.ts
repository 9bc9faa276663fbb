import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SpotFeature } from '../../src/features/parking/parking.types.js';
import type { Refusal } from './parking-model-journal.js';
import { elementsFor, type Order, type ParkingTown, type Told, type Townsman, type TownSpot, type TownVehicle } from './parking-model-town.js';

const QUARTER_MS = 900_000;
const PAUSE_MS = 25;
const MOST_TRIES = 2_000;
/** Of what is known, the latest are what commands are about. */
const RECENT = 12;
const MOST_BLACKOUTS = 2;
const MOST_RETIRED = 2;

interface KnownStay {
  readonly id: string;
  readonly owner: Townsman;
  readonly endsAt: string;
}

interface KnownBooking {
  readonly order: Order;
  readonly id: string;
}

/** What all clients of a run know together, and what they were told. */
export class ModelWorld {
  readonly stays: KnownStay[] = [];
  /** Bookings that were granted, and the keys with which they can be asked for again. */
  readonly bookings: KnownBooking[] = [];
  readonly waiting: { id: string; owner: Townsman }[] = [];
  readonly blackouts: string[] = [];
  readonly retired: string[] = [];
  /** By booking key: all that it was ever answered with. */
  readonly idsByKey = new Map<string, Set<string>>();
  readonly refusals: Refusal[] = [];
  /** How often each command had each outcome. */
  readonly outcomes = new Map<string, number>();
  /** Answers that no rule allows. */
  readonly surprises: string[] = [];
  cuts = 0;

  constructor(
    readonly town: ParkingTown,
    readonly operator: Townsman,
    readonly vehicles: readonly TownVehicle[],
    readonly spots: readonly TownSpot[],
    /** Where a process listens at this moment; it may be gone the next. */
    readonly urls: () => readonly string[],
  ) {}
}

type Command = readonly [weight: number, name: string, run: (this: ModelClient) => Promise<void>];

/** One of several clients who do at the same time whatever chance wants, and who ask again until they are told. */
export class ModelClient {
  private static readonly COMMANDS: readonly Command[] = [
    [34, 'book', function () { return this.book(); }],
    [8, 'book again', function () { return this.bookAgain(); }],
    [10, 'pay', function () { return this.pay(); }],
    [12, 'cancel', function () { return this.cancel(); }],
    [8, 'extend', function () { return this.extend(); }],
    [7, 'check in', function () { return this.check('check-in'); }],
    [4, 'check out', function () { return this.check('check-out'); }],
    [7, 'join', function () { return this.join(); }],
    [3, 'leave', function () { return this.leave(); }],
    [3, 'retire', function () { return this.retire(); }],
    [3, 'black out', function () { return this.blackOut(); }],
    [1, 'price', function () { return this.price(); }],
  ];

  constructor(
    private readonly world: ModelWorld,
    private readonly chance: () => number,
  ) {}

  async run(isOver: () => boolean): Promise<void> {
    const total = ModelClient.COMMANDS.reduce((sum, [weight]) => sum + weight, 0);
    while (!isOver()) {
      let left = this.chance() * total;
      const [, , command] = ModelClient.COMMANDS.find(([weight]) => (left -= weight) < 0)!;
      await command.call(this);
    }
  }

  private async book(): Promise<void> {
    const vehicle = this.oneOf(this.world.vehicles);
    const garageId = this.oneOf(this.world.spots).garageId;
    const features: SpotFeature[] = this.happens(0.15) ? [this.happens(0.5) ? 'ev' : 'covered'] : [];
    const window = this.window();
    const key = randomUUID();
    const order: Order = { method: 'POST', route: '/reservations', by: vehicle.owner, key, body: { garageId, vehicleId: vehicle.id, ...window, features } };
    const { status, body, from, to } = await this.tell('book', order, ['parking.full', 'parking.vehicle-busy', 'parking.past', 'parking.vehicle-too-large']);
    if (status !== 201) {
      const code = body['code'] as Refusal['code'];
      if (code !== 'parking.full' && code !== 'parking.vehicle-busy') return;
      const { id: vehicleId, size } = vehicle;
      this.world.refusals.push({ code, garageId, vehicleId, size, features, startsAt: new Date(window.startsAt), endsAt: new Date(window.endsAt), from, to });
      // Those who are told so and wait are what makes a waitlist worth having.
      if (code === 'parking.full' && this.happens(0.3)) await this.join(garageId, vehicle, window);
      return;
    }
    const stay = this.knownStay(body, vehicle.owner);
    this.answered(key, stay.id);
    this.world.bookings.push({ order, id: stay.id });
    if (this.happens(0.6)) await this.pay(stay);
    if (Date.parse(window.startsAt) <= Date.now() && this.happens(0.6)) await this.check('check-in', stay);
  }

  /** A client that has lost the answer, and asks whichever process it finds. */
  private async bookAgain(): Promise<void> {
    const booking = this.recent(this.world.bookings);
    if (booking === undefined) return;
    const { status, body } = await this.tell('book again', booking.order, []);
    if (status === 201) this.answered(booking.order.key!, body['id'] as string);
  }

  private async pay(stay = this.recent(this.world.stays)): Promise<void> {
    if (stay === undefined) return;
    const method = this.happens(0.5) ? 'card' : 'credits';
    const order: Order = { method: 'POST', route: `/reservations/${stay.id}/payment`, by: stay.owner, body: { method }, ...(this.happens(0.5) && { key: randomUUID() }) };
    const { body } = await this.tell(`pay by ${method}`, order, ['parking.hold-expired', 'parking.already-paid', 'parking.wrong-state']);
    const secret = body['clientSecret'] as string | undefined;
    // Who is asked for a card may also leave it at that.
    if (secret === undefined || this.happens(0.15)) return;
    if (this.happens(0.2)) await this.atTheDesk(secret, 'decline');
    await this.atTheDesk(secret, 'pay');
  }

  /** Sometimes the notice comes when the time to pay is long over. */
  private async atTheDesk(secret: string, outcome: 'pay' | 'decline'): Promise<void> {
    const manner = { copies: 1 + this.below(3), delaySeconds: this.happens(0.2) ? 5 + this.below(3) : 0 };
    await this.tell(outcome, { method: 'POST', route: `/sandbox/payments/${secret}`, body: { outcome, ...manner } }, ['payments.closed']);
  }

  private async cancel(): Promise<void> {
    const stay = this.recent(this.world.stays);
    if (stay === undefined) return;
    const by = this.happens(0.2) ? this.world.operator : stay.owner;
    await this.tell('cancel', { method: 'POST', route: `/reservations/${stay.id}/cancel`, by, body: {}, key: randomUUID() }, ['parking.started', 'parking.wrong-state']);
  }

  private async extend(): Promise<void> {
    const stay = this.recent(this.world.stays);
    if (stay === undefined) return;
    const endsAt = new Date(Date.parse(stay.endsAt) + (1 + this.below(6)) * QUARTER_MS).toISOString();
    const order: Order = { method: 'POST', route: `/reservations/${stay.id}/extension`, by: stay.owner, body: { endsAt, ...(this.happens(0.4) && { method: 'card' }) }, key: randomUUID() };
    const { status, body } = await this.tell('extend', order, ['parking.wrong-state', 'parking.vehicle-busy', 'parking.spot-taken', 'parking.extension-shorter', 'parking.past']);
    if (status === 200 && body['extension'] && this.happens(0.6)) await this.pay(stay);
  }

  private async check(what: 'check-in' | 'check-out', stay = this.recent(this.world.stays)): Promise<void> {
    if (stay === undefined) return;
    const { status, body } = await this.tell(what, { method: 'POST', route: `/reservations/${stay.id}/${what}`, by: stay.owner }, ['parking.wrong-state', 'parking.too-early']);
    if (status === 200) this.knownStay(body, stay.owner);
  }

  private async join(garageId = this.oneOf(this.world.spots).garageId, vehicle = this.oneOf(this.world.vehicles), window = this.window()): Promise<void> {
    const order: Order = { method: 'POST', route: '/waitlist', by: vehicle.owner, key: randomUUID(), body: { garageId, vehicleId: vehicle.id, ...window } };
    const { status, body } = await this.tell('join', order, ['parking.already-waiting', 'parking.past', 'parking.vehicle-too-large']);
    if (status !== 201) return;
    this.world.waiting.push({ id: body['id'] as string, owner: vehicle.owner });
    if (body['reservationId'] !== null) this.world.stays.push({ id: body['reservationId'] as string, owner: vehicle.owner, endsAt: window.endsAt });
  }

  private async leave(): Promise<void> {
    const entry = this.recent(this.world.waiting);
    if (entry !== undefined) await this.leaveOne(entry);
  }

  async leaveOne({ id, owner }: { id: string; owner: Townsman }): Promise<void> {
    await this.tell('leave', { method: 'DELETE', route: `/waitlist/${id}`, by: owner }, []);
  }

  private async retire(): Promise<void> {
    const { operator: by, retired, spots } = this.world;
    if (retired.length < MOST_RETIRED && this.happens(0.5)) {
      const { id } = this.oneOf(spots);
      retired.push(id);
      await this.tell('retire', { method: 'POST', route: `/spots/${id}/retire`, by, body: { reallocate: this.happens(0.5) } }, []);
    } else await this.restoreOne();
  }

  /** @returns false when no spot is retired */
  async restoreOne(): Promise<boolean> {
    const id = this.world.retired.shift();
    if (id !== undefined) await this.tell('restore', { method: 'POST', route: `/spots/${id}/restore`, by: this.world.operator }, []);
    return id !== undefined;
  }

  private async blackOut(): Promise<void> {
    const { blackouts, operator: by, spots } = this.world;
    if (blackouts.length < MOST_BLACKOUTS && this.happens(0.5)) {
      const { id: spotId, garageId } = this.oneOf(spots);
      const { startsAt, endsAt } = this.window();
      const body = { ...(this.happens(0.6) && { spotId }), from: startsAt, to: endsAt, reason: 'painting', reallocate: this.happens(0.5) };
      const told = await this.tell('black out', { method: 'POST', route: `/garages/${garageId}/blackouts`, by, body }, ['parking.past']);
      if (told.status === 201) blackouts.push(told.body['id'] as string);
    } else {
      const id = blackouts.shift();
      if (id !== undefined) await this.tell('lift', { method: 'DELETE', route: `/blackouts/${id}`, by }, ['not-found']);
    }
  }

  private async price(): Promise<void> {
    const { garageId } = this.oneOf(this.world.spots);
    const elements = elementsFor({ compact: this.below(300), regular: this.below(400), large: this.below(500) });
    await this.tell('price', { method: 'PUT', route: `/garages/${garageId}/tariff`, by: this.world.operator, body: { elements } }, []);
  }

  /** Asks until somebody answers. @param refusals the codes that the rules allow. @returns the answer, and when it was sought */
  private async tell(name: string, order: Order, refusals: readonly string[]): Promise<Told & { from: number; to: number }> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const urls = this.world.urls();
      if (urls.length > 0) {
        const from = Date.now();
        const told = await this.world.town.ask({ url: this.oneOf(urls) }, order).catch(() => undefined);
        if (told === undefined) this.world.cuts += 1;
        else if (told.status !== 503 && told.body['code'] !== 'idempotency.in-progress') {
          this.note(name, told, refusals);
          return { ...told, from, to: Date.now() };
        }
      }
      await sleep(PAUSE_MS);
    }
    throw new Error(`${name}: nobody answers`);
  }

  private note(name: string, { status, body }: Told, refusals: readonly string[]): void {
    const { outcomes, surprises } = this.world;
    const outcome = `${name}: ${status < 300 ? 'done' : String(body['code'])}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (status >= 300 && !refusals.includes(body['code'] as string)) surprises.push(`${name}: ${status} ${JSON.stringify(body)}`);
  }

  private answered(key: string, id: string): void {
    const ids = this.world.idsByKey.get(key) ?? new Set();
    this.world.idsByKey.set(key, ids.add(id));
  }

  private knownStay(body: Told['body'], owner: Townsman): KnownStay {
    const stay = { id: body['id'] as string, owner, endsAt: body['endsAt'] as string };
    this.world.stays.push(stay);
    return stay;
  }

  /** Mostly soon, so that garages are full; sometimes now, sometimes anywhere in two days. */
  private window(): { startsAt: string; endsAt: string } {
    const ahead = this.happens(0.15) ? 0 : this.below(this.happens(0.2) ? 192 : 14);
    const start = (Math.floor(Date.now() / QUARTER_MS) + ahead) * QUARTER_MS;
    return { startsAt: new Date(start).toISOString(), endsAt: new Date(start + (1 + this.below(10)) * QUARTER_MS).toISOString() };
  }

  private recent<T>(all: readonly T[]): T | undefined {
    return all.length === 0 ? undefined : this.oneOf(all.slice(-RECENT));
  }

  private oneOf<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }

  private below(limit: number): number {
    return Math.floor(this.chance() * limit);
  }

  private happens(probability: number): boolean {
    return this.chance() < probability;
  }
}
