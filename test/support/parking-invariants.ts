/** What the tables of parking hold at one moment. */
export interface ParkingTables {
  readonly spots: readonly { id: string; garageId: string; label: string; size: string; createdAt: Date }[];
  readonly vehicles: readonly { id: string; size: string }[];
  readonly reservations: readonly StoredReservation[];
  readonly blackouts: readonly { id: string; garageId: string; spotId: string | null; startsAt: Date; endsAt: Date }[];
  readonly spotDays: readonly StoredDay[];
  readonly vehicleDays: readonly StoredDay[];
  readonly payments: readonly StoredPayment[];
  readonly refunds: readonly { id: string; paymentId: string; amountMinor: number; credits: number }[];
  /** Spends of parking and what was given back of them; `seq` in the book of the member. */
  readonly entries: readonly { memberId: string; seq: number; kind: string; amount: number; refType: string | null; refId: string | null }[];
}

interface StoredReservation {
  readonly id: string;
  readonly garageId: string;
  readonly spotId: string;
  readonly memberId: string;
  readonly vehicleId: string;
  readonly size: string;
  readonly status: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly extensionEndsAt: Date | null;
  readonly currency: string;
  readonly paidMinor: number;
  readonly refundedMinor: number;
}

/** The masks in decimal digits. */
interface StoredDay {
  readonly id: string;
  readonly day: string;
  readonly lo: string;
  readonly hi: string;
}

interface StoredPayment {
  readonly id: string;
  readonly reservationId: string;
  readonly method: string;
  readonly status: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly credits: number;
  readonly refundedMinor: number;
  readonly refundedCredits: number;
  readonly entrySeq: number | null;
}

/** The books of Plaza, and those of the sandbox, which are written apart. */
export interface Money {
  readonly reservations: readonly { id: string; status: string; priceMinor: number; paidMinor: number; refundedMinor: number }[];
  readonly payments: readonly { id: string; reservationId: string; method: string; provider: string | null; status: string; amountMinor: number; refundedMinor: number }[];
  /** `refundsMinor`: the sum of the single refunds. */
  readonly sandbox: readonly { paymentId: string; status: string; amountMinor: number; refundedMinor: number; refundsMinor: number }[];
  readonly refunds: readonly { id: string; status: string }[];
  readonly queued: readonly { queue: string; items: number }[];
}

/** Quarter-hours by their number since 1970: written without the masks of the product, which it is to check. */
type Quarters = Set<number>;

const QUARTER_MS = 15 * 60 * 1000;
const LIVE = ['held', 'confirmed', 'checked-in'];
const SIZES = ['compact', 'regular', 'large'];
const STAYS = ['confirmed', 'checked-in', 'completed', 'no-show'];
const NOTHINGS = ['held', 'expired'];

/** What is wrong with the tables: nothing, ever. The names are those of the invariants in the plan. */
export function faultsOf(tables: ParkingTables): string[] {
  const live = tables.reservations.filter(({ status }) => LIVE.includes(status));
  return [
    ...overlaps('I1: spot', live, ({ spotId }) => spotId),
    ...overlaps('I10: vehicle', live, ({ vehicleId }) => vehicleId),
    ...differences('I2: spot', expectedOfSpots(tables, live), quartersOf(tables.spotDays)),
    ...differences('I2v: vehicle', expected(live, ({ vehicleId }) => vehicleId), quartersOf(tables.vehicleDays)),
    ...[...tables.spotDays, ...tables.vehicleDays].filter(({ lo, hi }) => Number(lo) >= 2 ** 48 || Number(hi) >= 2 ** 48).map(({ id, day }) => `I2: ${id} on ${day} has more than 48 bits in a half`),
    ...misfits(tables, live),
    ...bookFaults(tables),
  ];
}

/** What is wrong with the money once nothing is under way any more: no payment is lost on the way, and none is kept for nothing. */
export function moneyFaultsOf({ reservations, payments, sandbox, refunds, queued }: Money): string[] {
  const cards = payments.filter(({ provider, status }) => provider === 'sandbox' && status === 'succeeded');
  const paid = sandbox.filter(({ status }) => status === 'paid');
  const sum = (rows: readonly { amountMinor: number; refundedMinor: number }[]) => rows.reduce((total, { amountMinor, refundedMinor }) => total + amountMinor - refundedMinor, 0);
  return [
    ...queued.filter(({ items }) => Number(items) > 0).map(({ queue, items }) => `I6: ${items} left in ${queue}`),
    ...refunds.filter(({ status }) => status !== 'succeeded').map(({ id, status }) => `I6: refund ${id} is ${status}`),
    ...(sum(cards) === sum(paid) ? [] : [`I6: cards have brought ${sum(cards)}, and the sandbox has ${sum(paid)}`]),
    ...cards.filter(({ id }) => !paid.some(({ paymentId }) => paymentId === id)).map(({ id }) => `I6: payment ${id} was never paid at the sandbox`),
    ...paid.flatMap((one) => {
      const payment = cards.find(({ id }) => id === one.paymentId);
      if (payment === undefined) return [`I6: payment ${one.paymentId} was paid at the sandbox, and does not count`];
      const isSame = payment.amountMinor === one.amountMinor && payment.refundedMinor === one.refundedMinor && one.refundedMinor === one.refundsMinor;
      return isSame ? [] : [`I6: payment ${payment.id} is ${JSON.stringify(payment)}, and at the sandbox ${JSON.stringify(one)}`];
    }),
    ...reservations.flatMap(({ id, status, priceMinor, paidMinor, refundedMinor }) => {
      const kept = paidMinor - refundedMinor;
      if (STAYS.includes(status) && kept !== priceMinor) return [`I6: stay ${id} (${status}) costs ${priceMinor}, and ${kept} was kept`];
      return NOTHINGS.includes(status) && kept !== 0 ? [`I6: ${kept} was kept for ${id}, which is ${status}`] : [];
    }),
    // What a stay does not need comes back as a whole.
    ...payments.flatMap(({ id, reservationId, status, amountMinor, refundedMinor }) => {
      const isPart = status === 'succeeded' && refundedMinor > 0 && refundedMinor < amountMinor;
      return isPart && reservations.find((reservation) => reservation.id === reservationId)!.status !== 'cancelled' ? [`I6: a part of payment ${id} was given back, and nobody cancelled`] : [];
    }),
  ];
}

function keptUntil({ endsAt, extensionEndsAt }: StoredReservation): Date {
  return extensionEndsAt ?? endsAt;
}

function overlaps(name: string, live: readonly StoredReservation[], idOf: (reservation: StoredReservation) => string): string[] {
  const faults: string[] = [];
  for (const id of new Set(live.map(idOf))) {
    const own = live.filter((reservation) => idOf(reservation) === id);
    own.forEach((one, index) => {
      const others = own.slice(index + 1).filter((other) => one.startsAt < keptUntil(other) && other.startsAt < keptUntil(one));
      faults.push(...others.map((other) => `${name} ${id} has ${one.id} and ${other.id} at once`));
    });
  }
  return faults;
}

function between(startsAt: Date, endsAt: Date): number[] {
  const first = startsAt.getTime() / QUARTER_MS;
  return Array.from({ length: endsAt.getTime() / QUARTER_MS - first }, (_, index) => first + index);
}

function expected(live: readonly StoredReservation[], idOf: (reservation: StoredReservation) => string): Map<string, Quarters> {
  const quarters = new Map<string, Quarters>();
  for (const reservation of live) addTo(quarters, idOf(reservation), between(reservation.startsAt, keptUntil(reservation)));
  return quarters;
}

function expectedOfSpots({ spots, blackouts }: ParkingTables, live: readonly StoredReservation[]): Map<string, Quarters> {
  const quarters = expected(live, ({ spotId }) => spotId);
  for (const { garageId, spotId, startsAt, endsAt } of blackouts) {
    // What was over in the whole garage before a spot was there says nothing about it.
    const concerned = spots.filter((spot) => (spotId === null ? spot.garageId === garageId && endsAt > spot.createdAt : spot.id === spotId));
    for (const { id } of concerned) addTo(quarters, id, between(startsAt, endsAt));
  }
  return quarters;
}

function quartersOf(days: readonly StoredDay[]): Map<string, Quarters> {
  const quarters = new Map<string, Quarters>();
  for (const { id, day, lo, hi } of days) {
    const midnight = Date.parse(`${day}T00:00:00Z`) / QUARTER_MS;
    addTo(quarters, id, [...placesOf(lo).map((place) => midnight + place), ...placesOf(hi).map((place) => midnight + 48 + place)]);
  }
  return quarters;
}

/** Which binary digits of a decimal number are ones, the last first. */
function placesOf(decimal: string): number[] {
  return [...BigInt(decimal).toString(2)].reverse().flatMap((digit, place) => (digit === '1' ? [place] : []));
}

function addTo(quarters: Map<string, Quarters>, id: string, more: readonly number[]): void {
  const own = quarters.get(id) ?? new Set();
  for (const quarter of more) own.add(quarter);
  quarters.set(id, own);
}

function differences(name: string, wanted: ReadonlyMap<string, Quarters>, found: ReadonlyMap<string, Quarters>): string[] {
  const nothing: Quarters = new Set();
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((id) => {
    const [due, set] = [wanted.get(id) ?? nothing, found.get(id) ?? nothing];
    const [missing, surplus] = [[...due].filter((quarter) => !set.has(quarter)), [...set].filter((quarter) => !due.has(quarter))];
    return [
      ...(missing.length > 0 ? [`${name} ${id} is not marked as taken at ${timesOf(missing)}`] : []),
      ...(surplus.length > 0 ? [`${name} ${id} is marked as taken by nobody at ${timesOf(surplus)}`] : []),
    ];
  });
}

function timesOf(quarters: readonly number[]): string {
  const sorted = [...quarters].sort((one, other) => one - other);
  return `${new Date(sorted[0]! * QUARTER_MS).toISOString()} and ${sorted.length - 1} more`;
}

function misfits({ spots, vehicles }: ParkingTables, live: readonly StoredReservation[]): string[] {
  return live.flatMap(({ id, spotId, vehicleId, garageId, size }) => {
    const spot = spots.find((one) => one.id === spotId)!;
    const vehicle = vehicles.find((one) => one.id === vehicleId)!;
    return [
      ...(SIZES.indexOf(spot.size) < SIZES.indexOf(vehicle.size) ? [`I4: a ${vehicle.size} vehicle has the ${spot.size} spot ${spot.label} in ${id}`] : []),
      ...(vehicle.size === size ? [] : [`I4: ${id} is for a ${size} vehicle, and it is ${vehicle.size}`]),
      ...(spot.garageId === garageId ? [] : [`I4: ${id} has a spot of another garage`]),
    ];
  });
}

function bookFaults({ reservations, payments, refunds, entries }: ParkingTables): string[] {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const whoseOf = ({ reservationId }: StoredPayment) => reservations.find(({ id }) => id === reservationId)!.memberId;
  const unequal = (what: string, found: number, due: number) => (found === due ? [] : [`I6: ${what} is ${found}, not ${due}`]);
  const ofReservations = reservations.flatMap(({ id, currency, paidMinor, refundedMinor }) => {
    // What came in another currency was given back, and is counted with its payment alone.
    const own = payments.filter((payment) => payment.reservationId === id && payment.currency === currency);
    const ownRefunds = refunds.filter(({ paymentId }) => own.some((payment) => payment.id === paymentId));
    return [
      ...unequal(`paid of ${id}`, paidMinor, sum(own.filter(({ status }) => status === 'succeeded').map(({ amountMinor }) => amountMinor))),
      ...unequal(`refunded of ${id}`, refundedMinor, sum(ownRefunds.map(({ amountMinor }) => amountMinor))),
    ];
  });
  const ofPayments = payments.flatMap((payment) => {
    const own = refunds.filter(({ paymentId }) => paymentId === payment.id);
    const book = entries.filter(({ memberId }) => memberId === whoseOf(payment));
    const moved = book.filter(({ seq, kind, refId }) => payment.entrySeq !== null && (seq === payment.entrySeq || (kind === 'refund' && refId === String(payment.entrySeq))));
    return [
      ...unequal(`refunded of payment ${payment.id}`, payment.refundedMinor, sum(own.map(({ amountMinor }) => amountMinor))),
      ...unequal(`credits refunded of payment ${payment.id}`, payment.refundedCredits, sum(own.map(({ credits }) => credits))),
      ...unequal(`ledger of payment ${payment.id}`, sum(moved.map(({ amount }) => amount)), payment.method === 'credits' && payment.status === 'succeeded' ? payment.refundedCredits - payment.credits : 0),
      ...(payment.refundedMinor > payment.amountMinor ? [`I6: more than payment ${payment.id} was given back`] : []),
    ];
  });
  const spends = entries.filter(({ kind, refType }) => kind === 'spend' && (refType === 'payment' || refType === 'reservation'));
  const strays = spends.filter(({ memberId, seq }) => !payments.some((payment) => payment.entrySeq === seq && whoseOf(payment) === memberId));
  return [...ofReservations, ...ofPayments, ...strays.map(({ memberId, seq }) => `I6: entry ${seq} of ${memberId} paid for nothing`)];
}
