import { requestInvalid } from '../../platform/errors/house.errors.js';

/** What has been asked for. */
export interface StatisticsRequest {
  readonly from?: Date;
  readonly to?: Date;
  /** Name of one metric; all without it. */
  readonly metric?: string;
}

/** From an instant to another, which is not part of it. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** What an hour was in numbers, for those metrics that know it. */
export interface MetricHistory {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** By the beginning of the hour, oldest first. */
  readonly points: readonly { readonly hour: Date; readonly value: number }[];
}

export interface Statistics extends Period {
  readonly metrics: readonly MetricHistory[];
}

const DAY_MS = 86_400_000;
const USUAL_DAYS = 7;
export const MAX_DAYS = 92;

/** The period asked for: the last 7 days, where nothing else is said. @throws requestInvalid */
export function periodOf({ from, to }: StatisticsRequest, now: Date): Period {
  const end = to ?? now;
  const period = { from: from ?? new Date(end.getTime() - USUAL_DAYS * DAY_MS), to: end };
  const length = period.to.getTime() - period.from.getTime();
  if (length <= 0) throw requestInvalid({ errors: [{ path: 'from', message: 'from must be before to' }] });
  if (length > MAX_DAYS * DAY_MS) throw requestInvalid({ errors: [{ path: 'from', message: `from must be at most ${MAX_DAYS} days before to` }] });
  return period;
}
