/** Sizes of vehicles and spots, small to large: a vehicle fits where the spot is at least as large. */
export const SIZES = ['compact', 'regular', 'large'] as const;
export type Size = (typeof SIZES)[number];

/** What a spot may have. Accessible ones are for members with the entitlement `parking.accessible`. */
export const SPOT_FEATURES = ['ev', 'accessible', 'covered'] as const;
export type SpotFeature = (typeof SPOT_FEATURES)[number];

/** A number for each size. */
export type BySize = Readonly<Record<Size, number>>;

/** A stretch of time from `startsAt` up to, and without, `endsAt`; both on quarter-hours. */
export interface Span {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** No stay is longer: 31 days. */
export const LONGEST_STAY_MINUTES = 44_640;

/** The end of time, for what lasts until somebody says otherwise. */
export const EVER = new Date('9999-12-30T00:00:00Z');

export const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** One price of a tariff: of a size, on some days and at some local hours or always. The first that matches holds, as in OCPI tariffs. */
export interface TariffElement {
  readonly size: Size;
  /** Minor units of money an hour. */
  readonly hourlyMinor: number;
  /** Time is billed in steps of so many minutes. */
  readonly stepMinutes: number;
  /** The most that the hours of this element come to on one local date. */
  readonly dailyCapMinor?: number;
  /** Local days of the week; every day when left out. */
  readonly daysOfWeek?: readonly Weekday[];
  /** Local `HH:MM` from which on it holds, and up to which; both or neither. */
  readonly startTime?: string;
  readonly endTime?: string;
}

/** What part of the price comes back to who cancels at least so many minutes before the start. */
export interface CancellationTier {
  readonly minutesBefore: number;
  readonly refundPercent: number;
}

/** A line of a price: billed time and what it costs. */
export interface PriceLine {
  readonly from: Date;
  readonly to: Date;
  readonly minutes: number;
  readonly amountMinor: number;
}

/** What a stay costs, and why. */
export interface Price {
  readonly priceMinor: number;
  readonly lines: readonly PriceLine[];
}

/** A price as it is kept: in which version of the tariff it was asked, and the lines in JSON. */
export interface KeptPrice {
  readonly priceMinor: number;
  /** The same in credits. */
  readonly credits: number;
  readonly lines: readonly { readonly from: string; readonly to: string; readonly minutes: number; readonly amountMinor: number }[];
}

export const RESERVATION_STATUSES = ['held', 'confirmed', 'checked-in', 'completed', 'expired', 'cancelled', 'no-show'] as const;
export type ReservationStatus = (typeof RESERVATION_STATUSES)[number];

/** A longer stay that is asked for and not paid yet: its spot is kept until the hold expires. */
export interface PendingExtension {
  readonly endsAt: Date;
  readonly price: KeptPrice;
  readonly holdExpiresAt: Date;
}

/** A reservation as members see it. A hold past its time is `expired` here, whether or not it was tidied. */
export interface Reservation extends Span {
  readonly id: string;
  readonly garageId: string;
  readonly spotId: string;
  readonly spotLabel: string;
  readonly memberId: string;
  readonly vehicleId: string;
  /** Size of the vehicle when it was booked. */
  readonly size: Size;
  /** That were asked for. */
  readonly features: readonly SpotFeature[];
  readonly status: ReservationStatus;
  /** Of holds only. */
  readonly holdExpiresAt: Date | null;
  readonly price: KeptPrice;
  readonly priceMinor: number;
  readonly currency: string;
  readonly tariffVersion: number;
  /** By which it can be cancelled: those of the garage when it was booked. */
  readonly cancellation: readonly CancellationTier[];
  readonly paidMinor: number;
  readonly refundedMinor: number;
  readonly extension: PendingExtension | null;
  /** As it was written last: time may have moved it on since. */
  readonly storedStatus: ReservationStatus;
  /** Until when its spot is marked as taken, as long as its stored state is a live one: also by an extension whose time is over. */
  readonly keptUntil: Date;
  readonly checkedInAt: Date | null;
  readonly checkedOutAt: Date | null;
  readonly cancelledAt: Date | null;
  readonly createdAt: Date;
  /** Grows by one with every change. */
  readonly version: number;
}

/** Where spots are, and by which rules they are let. */
export interface Garage {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly zipcode: string;
  readonly lat: number;
  readonly lon: number;
  readonly timeZone: string;
  readonly currency: string;
  readonly holdSeconds: number;
  readonly maxAdvanceDays: number;
  readonly minMinutes: number;
  readonly maxMinutes: number;
  readonly graceMinutes: number;
  readonly noShowMinutes: number;
  readonly cancellation: readonly CancellationTier[];
  readonly tariffVersion: number;
  readonly createdAt: Date;
}

/** A place for one vehicle. */
export interface Spot {
  readonly id: string;
  readonly garageId: string;
  readonly label: string;
  readonly size: Size;
  readonly features: readonly SpotFeature[];
  /** Where it stands among those that fit alike: small first. */
  readonly ord: number;
  readonly activeFrom: Date;
  /** From then on it takes nobody; null while it is in use. */
  readonly activeTo: Date | null;
}

export interface Vehicle {
  readonly id: string;
  readonly memberId: string;
  readonly license: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly size: Size;
}
