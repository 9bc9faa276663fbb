import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import mysql from 'mysql2';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { Availability } from '../../src/features/parking/availability/availability.service.js';
import type { Step } from '../../src/features/parking/availability/steps.rules.js';
import type { ReservationDto } from '../../src/features/parking/dto/reservation.dto.js';
import { DayGuardRepository } from '../../src/features/parking/guard/day-guard.repository.js';
import { DAY_MS, dayMasksOf, QUARTER_MS, utcDayOf, type DayMask } from '../../src/features/parking/guard/day-masks.rules.js';
import { SpotTaking } from '../../src/features/parking/guard/spot-taking.service.js';
import { garageFull } from '../../src/features/parking/parking.errors.js';
import type { Span } from '../../src/features/parking/parking.types.js';
import { Booking } from '../../src/features/parking/reservations/booking.service.js';
import { Cancellations } from '../../src/features/parking/reservations/cancellation.service.js';
import type { Actor } from '../../src/platform/auth/actor.js';
import { startEmbeddedServer } from '../../src/platform/database/embedded/embedded-server.js';
import { pinConnections } from '../../src/platform/database/pools.js';
import { serverBusy } from '../../src/platform/errors/house.errors.js';
import type { Answer } from '../../src/platform/http/answer.js';
import type { GivenMember } from '../support/app.js';
import { testDatabaseUrl } from '../support/database.js';
import { openParking, type Parking, type Window } from '../support/parking.js';
import { median, type BenchRow } from './bench-table.js';
import { actorOf, answerOf, countTried, createDatabase, dayBeside, hourOf, mean, milliseconds, nothing, requestOf, retries, spanOf, watch, type Counts } from './parking-bench-tools.js';
import { Recording } from './parking-statements.js';

const CONNECTIONS = 16;
const CLIENTS = 32;
const SPOTS = 50;
const ROUNDS = 5;
const SECONDS = 3;
/** Hours of 14 days, from tomorrow on. */
const SPREAD_HOURS = 14 * 24;
const LARGE = { spots: 500, days: 7, times: 30, taken: 0.6 } as const;
const AGAINST = 'the same statements on raw mysql2';

/** Somebody who books, with a vehicle of their own. */
interface Client {
  readonly actor: Actor;
  readonly vehicleId: string;
}

/** Where they book: a garage whose days have rows. */
interface Place {
  readonly garageId: string;
  readonly spotIds: readonly string[];
  readonly clients: readonly Client[];
}

/** What a client does, the first time, the second … @returns whether there is a reservation of it */
type Work = (place: Place, index: number, time: number) => Promise<boolean>;

/**
 * Reservations through the service against the very same statements on raw mysql2, with all clients at the same
 * hour and with each at its own: 16 connections, a server with safe durability, rounds of either in turns. And
 * how long it takes to say what a large garage has free in a week.
 */
export async function parkingBench(): Promise<BenchRow[]> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'plaza-bench-'));
  const server = await startEmbeddedServer({ dataDir, durability: 'safe', report: () => undefined });
  try {
    process.env['PLAZA_TEST_SERVER'] = server.url;
    await createDatabase(server.url, new URL(testDatabaseUrl()).pathname.slice(1));
    const parking = await openParking({ DATABASE_POOL_SIZE: String(CONNECTIONS) });
    const raw = pinConnections(
      mysql.createPool({ uri: testDatabaseUrl(), connectionLimit: CONNECTIONS, charset: 'utf8mb4', timezone: 'Z', supportBigNumbers: true, dateStrings: ['DATE'] }),
      'READ COMMITTED',
    ).promise();
    try {
      const bench = await BenchedParking.open(parking, raw);
      const rows = [await bench.contended(), await bench.spread()];
      const violations = await parking.violations();
      if (violations.length > 0) throw new Error(`the tables are wrong after the bench: ${violations.length} faults, the first: ${violations[0]}`);
      return [...rows, await bench.availability()];
    } finally {
      await raw.end();
      await parking.close();
    }
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

class BenchedParking {
  private readonly booking = this.parking.app.app.get(Booking);
  private readonly cancellations = this.parking.app.app.get(Cancellations);
  private readonly taking = this.parking.app.app.get(SpotTaking);
  private readonly dataSource = this.parking.app.app.get(DataSource);
  private readonly tried = countTried(this.parking.app.app.get(DayGuardRepository));

  private constructor(
    private readonly parking: Parking,
    private readonly raw: Pool,
    private readonly members: readonly GivenMember[],
  ) {}

  static async open(parking: Parking, raw: Pool): Promise<BenchedParking> {
    const members: GivenMember[] = [];
    while (members.length < CLIENTS) members.push(await parking.given.member());
    return new BenchedParking(parking, raw, members);
  }

  /** All want the same hour, and there are more spots than clients: whoever is told that the garage is full was told wrong. */
  async contended(): Promise<BenchRow> {
    const window = this.parking.window(48, 60);
    const place = await this.place([window]);
    const { garageId } = place;
    const [mask] = dayMasksOf(spanOf(window)) as [DayMask];
    const [plaza, bare] = [nothing(), nothing()];
    const service: Work = async ({ clients }, index) => {
      const client = clients[index]!;
      const reservationId = await this.book(client, garageId, window, plaza);
      if (reservationId === undefined) return false;
      await this.cancel(client, reservationId);
      return true;
    };
    const { booked, bookRecording, cancelRecording } = await this.record(place, window);
    const baseline: Work = async ({ clients }, index) => {
      const { actor, vehicleId } = clients[index]!;
      const ids: [unknown, unknown][] = [[booked.actorId, actor.memberId], [booked.vehicleId, vehicleId], [booked.id, randomUUID()]];
      const taken = await bookRecording.replay(this.raw, { values: new Map([...ids, [booked.bookKey, randomUUID()]]), mask });
      if (taken === undefined) return false;
      bare.tried += taken.tried;
      await cancelRecording.replay(this.raw, { values: new Map([...ids, [booked.spotId, taken.spotId], [booked.cancelKey, randomUUID()]]), mask });
      bare.reservations += 1;
      return true;
    };

    const retriesBefore = await retries();
    const stopWatching = await watch(garageId);
    const rates = await this.inTurns(async () => place, { service, baseline, plaza });
    const { overlaps, asked } = await stopWatching();
    const again = await retries();
    return {
      name: `reservations under contention (${SPOTS} spots, ${CLIENTS} clients)`, unit: 'reservations/s', ...rates, against: AGAINST, aim: 0.6,
      note: `each booked and cancelled; of ${plaza.reservations.toLocaleString('en-US')}: overlaps ${overlaps} (asked ${asked} times), false full ${plaza.falseFull}, `
        + `deadlocks retried ${again.deadlocks - retriesBefore.deadlocks}, other retries ${again.others - retriesBefore.others}, server.busy ${plaza.busy}; `
        + `spots tried for each ${mean(plaza)}, bare ${mean(bare)}; ${bookRecording.size} statements to book, ${cancelRecording.size} to cancel`,
    };
  }

  /** Each at hours of their own, in a garage that is new in each round, and nobody cancels. */
  async spread(): Promise<BenchRow> {
    const windows = Array.from({ length: SPREAD_HOURS }, (_, hour) => this.parking.window(24 + hour, 60));
    const [plaza, bare] = [nothing(), nothing()];
    const place = await this.place(windows);
    const { booked, bookRecording } = await this.record(place, windows[0]!);
    const service: Work = async ({ garageId, clients }, index, time) => (await this.book(clients[index]!, garageId, hourOf(windows, index, time), plaza)) !== undefined;
    const baseline: Work = async ({ garageId, spotIds, clients }, index, time) => {
      const { actor, vehicleId } = clients[index]!;
      const [from, to] = [spanOf(windows[0]!), spanOf(hourOf(windows, index, time))];
      const [mask] = dayMasksOf(to) as [DayMask];
      const days = [-1, 0, 1].map((day) => [dayBeside(from, day), dayBeside(to, day)] as const);
      const values = new Map<unknown, unknown>([
        [booked.actorId, actor.memberId], [booked.vehicleId, vehicleId], [booked.id, randomUUID()], [booked.bookKey, randomUUID()], [place.garageId, garageId], ...days,
        ...place.spotIds.map((id, spot) => [id, spotIds[spot]] as const), [from.startsAt.toISOString(), to.startsAt], [from.endsAt.toISOString(), to.endsAt],
      ]);
      const taken = await bookRecording.replay(this.raw, { values, mask });
      if (taken === undefined) throw new Error('a garage was full that has a spot for everybody');
      bare.reservations += 1;
      bare.tried += taken.tried;
      return true;
    };
    const rates = await this.inTurns(() => this.place(windows), { service, baseline, plaza });
    if (plaza.falseFull > 0) throw new Error(`${plaza.falseFull} times "full" in a garage that was not`);
    return {
      name: `reservations, each at an hour of their own (${SPOTS} spots, ${CLIENTS} clients)`, unit: 'reservations/s', ...rates, against: AGAINST,
      note: `spots tried for each ${mean(plaza)}, bare ${mean(bare)}`,
    };
  }

  /** A week of a large garage, most of which is taken. */
  async availability(): Promise<BenchRow> {
    const { id: garageId } = await this.parking.garage();
    const spots = await this.parking.spots(garageId, LARGE.spots);
    const startsAt = new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS);
    const span: Span = { startsAt, endsAt: new Date(startsAt.getTime() + LARGE.days * DAY_MS) };
    const rows = spots.flatMap(({ id }) => dayMasksOf(span).map(({ day }) => [id, day, randomHalf(), randomHalf()]));
    await this.raw.query('INSERT INTO spot_day (spot_id, day, lo, hi) VALUES ?', [rows]);

    const availability = this.parking.app.app.get(Availability);
    const ask = (step: Step) => availability.of(actorOf(this.members[0]!), garageId, { from: span.startsAt.toISOString(), to: span.endsAt.toISOString(), step });
    const quarters = await ask('15m');
    if (quarters.length !== (LARGE.days * DAY_MS) / QUARTER_MS) throw new Error(`a week has ${quarters.length} quarter-hours`);
    const recording = await Recording.of(this.dataSource, async () => (await ask('15m'), ''));
    const masks = recording.parts.flatMap(({ statements }) => statements).find(({ sql }) => sql.includes('spot_day'))!;
    const taken: { plaza: number; hours: number; bare: number }[] = [];
    for (let time = 0; time < LARGE.times; time += 1) {
      taken.push({
        bare: await milliseconds(() => this.raw.query<RowDataPacket[]>(masks.sql, [...masks.parameters])),
        plaza: await milliseconds(() => ask('15m')),
        hours: await milliseconds(() => ask('1h')),
      });
    }
    const of = (who: keyof (typeof taken)[number]) => median(taken.map((each) => each[who]));
    return {
      name: `availability of ${LARGE.spots} spots × ${LARGE.days} days, by the quarter-hour`, unit: 'ms', plaza: of('plaza'), baseline: of('bare'),
      against: 'only the SELECT of the same masks on raw mysql2', atMost: true,
      note: `${quarters.length} steps of ${rows.length.toLocaleString('en-US')} rows, ${LARGE.taken * 100} % taken; by the hour ${of('hours').toFixed(0)} ms`,
    };
  }

  /** Rounds of either side in turns, after one whose rate does not count. */
  private async inTurns(place: () => Promise<Place>, { service, baseline, plaza }: { service: Work; baseline: Work; plaza: Counts }): Promise<{ plaza: number; baseline: number }> {
    const tried = this.tried();
    await perSecond(await place(), service, 1);
    await perSecond(await place(), baseline, 1);
    const rounds: { plaza: number; baseline: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const rates = { plaza: await perSecond(await place(), service, SECONDS), baseline: await perSecond(await place(), baseline, SECONDS) };
      process.stderr.write(`  round ${round + 1}: ${rates.plaza.toFixed(0)} a second, bare ${rates.baseline.toFixed(0)}\n`);
      rounds.push(rates);
    }
    plaza.tried = this.tried() - tried;
    return { plaza: median(rounds.map((round) => round.plaza)), baseline: median(rounds.map((round) => round.baseline)) };
  }

  /** A new garage and vehicles, with rows for the days on which they are wanted. */
  private async place(windows: readonly Window[]): Promise<Place> {
    const { id: garageId } = await this.parking.garage();
    const spotIds = (await this.parking.spots(garageId, SPOTS)).map(({ id }) => id);
    const clients: Client[] = [];
    for (const member of this.members) clients.push({ actor: actorOf(member), vehicleId: (await this.parking.vehicle(member)).id });
    const days = new Map(windows.map((window) => [utcDayOf(spanOf(window).startsAt), spanOf(window)]));
    for (const span of days.values()) {
      await this.taking.makeRows('spot', spotIds, span);
      await this.taking.makeRows('vehicle', clients.map(({ vehicleId }) => vehicleId), span);
    }
    return { garageId, spotIds, clients };
  }

  private async book({ actor, vehicleId }: Client, garageId: string, window: Window, counts: Counts): Promise<string | undefined> {
    try {
      const { body } = await this.booking.book(actor, { garageId, vehicleId, ...window }, requestOf(actor), (reservation) => answerOf(201, reservation));
      counts.reservations += 1;
      return (body as ReservationDto).id;
    } catch (error) {
      if (garageFull.matches(error)) counts.falseFull += 1;
      else if (serverBusy.matches(error)) counts.busy += 1;
      else throw error;
      return undefined;
    }
  }

  private cancel({ actor }: Client, reservationId: string, request = requestOf(actor)): Promise<Answer> {
    return this.cancellations.cancel(actor, reservationId, undefined, request, (reservation) => answerOf(200, reservation));
  }

  /** What the service sends to book and to cancel; not the first of a vehicle, which also reads the tariff. */
  private async record({ garageId, clients }: Place, window: Window) {
    const client = clients[0]!;
    const { actor, vehicleId } = client;
    await this.cancel(client, (await this.book(client, garageId, window, nothing()))!);
    const [booking, cancelling] = [requestOf(actor), requestOf(actor)];
    let reservation: ReservationDto;
    const bookRecording = await Recording.of(this.dataSource, async () => {
      const { body } = await this.booking.book(actor, { garageId, vehicleId, ...window }, booking, (made) => answerOf(201, made));
      reservation = body as ReservationDto;
      return reservation.spotId;
    });
    if (!bookRecording.isBooking) throw new Error('the service books with other statements than the baseline knows');
    const { id, spotId } = reservation!;
    const cancelRecording = await Recording.of(this.dataSource, async () => (await this.cancel(client, id, cancelling), spotId));
    return { booked: { id, spotId, vehicleId, actorId: actor.memberId, bookKey: booking!.key, cancelKey: cancelling!.key }, bookRecording, cancelRecording };
  }
}

/** Runs `work` for each client, again and again for some seconds; answers how many reservations a second came of it. */
async function perSecond(place: Place, work: Work, seconds: number): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let done = 0;
  const lane = async (index: number): Promise<void> => {
    for (let time = 0; performance.now() < end; time += 1) {
      if (await work(place, index, time)) done += 1;
    }
  };
  await Promise.all(place.clients.map((_, index) => lane(index)));
  return done / ((performance.now() - start) / 1000);
}

function randomHalf(): string {
  return BigInt(`0b${Array.from({ length: 48 }, () => Number(Math.random() < LARGE.taken)).join('')}`).toString();
}
