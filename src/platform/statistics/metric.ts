import type { Reader } from '../database/transactions.js';
import type { Hour } from './hour.js';

/**
 * A number that each hour of the community has. A feature that owns the data provides it, registered in
 * {@link Metrics}; statistics rolls it up without knowing the feature.
 */
export interface Metric {
  /** e.g. `members.joined`: at most 64 ASCII characters, and never given to something else. */
  readonly name: string;
  /** What it counts, e.g. `members`. */
  readonly unit: string;
  /** What it says, as the title of a chart. */
  readonly description: string;
  /** When its first data are from: hours before are unknown, not zero. Null while there are none. */
  since(reader: Reader): Promise<Date | null>;
  /** Asked once the hour is over, be it days later: the answer must still be the same. */
  measure(reader: Reader, hour: Hour): Promise<number>;
}
