import { createHash } from 'node:crypto';
import type { PermissionSet } from '../../platform/auth/permission-set.js';
import { instantOf } from '../../platform/clock/calendar.js';
import type { DatasetFilter } from '../../platform/datasets/dataset.js';
import { requestInvalid } from '../../platform/errors/house.errors.js';
import { unknownColumn, unknownFilter, unknownFormat } from './exports.errors.js';
import {
  EVERYTHING, EXPORT_COMPRESSIONS, EXPORT_FORMATS,
  type DayCounter, type ExportCompression, type ExportFormat, type ExportOrder, type ExportRecord, type ExportSource, type FilterValues,
} from './exports.types.js';

/** An order as it came in: of the right shape, not yet known to mean anything. */
export interface RawOrder {
  readonly source: string;
  /** Wanted for every source but everything. */
  readonly format?: string;
  readonly compression?: string;
  readonly filters?: Readonly<Record<string, unknown>>;
  readonly columns?: readonly string[];
  readonly guard?: boolean;
  readonly bom?: boolean;
}

/** After this many workers have taken an export and none has ended it, it fails. */
export const MAX_ATTEMPTS = 3;

/** How long the credit stays set aside from the order on: an export may wait long where nobody renews. */
export const HOLD_SECONDS = 24 * 60 * 60;
/** How long it stays at least after a worker's claim and after each heartbeat. */
export const HOLD_RENEWAL_SECONDS = 10 * 60;

/** Exports a member may have under way, and paid ones and free copies they may order in one local day, before RATE_LIMIT_SCALE. */
const QUOTA = { active: 3, started: 20, copies: 1 };

/** The limits at a given scale; never below one. */
export function quotaLimits(scale: number): Record<'active' | DayCounter, number> {
  const scaled = (limit: number): number => Math.max(1, Math.floor(limit * scale));
  return { active: scaled(QUOTA.active), started: scaled(QUOTA.started), copies: scaled(QUOTA.copies) };
}

/**
 * Checks an order against its source and fills in what was left out.
 *
 * @throws unknownFormat, unknownColumn, unknownFilter; requestInvalid for a filter value of the wrong type
 */
export function completeOrder(raw: RawOrder, source: ExportSource, permissions: PermissionSet): ExportOrder {
  const { format, compression } = source.name === EVERYTHING ? formOfEverything(raw) : chosenForm(raw);
  const csv = format === 'csv';
  return {
    permissions,
    source: source.name,
    format,
    compression,
    filters: filterValues(raw.filters ?? {}, source.filters, permissions),
    columns: chosenColumns(raw.columns, source),
    // Other formats have no formulas and no byte order mark: such wishes make no second file.
    guard: csv && (raw.guard ?? true),
    bom: csv && (raw.bom ?? false),
  };
}

type Form = Pick<ExportOrder, 'format' | 'compression'>;

function chosenForm({ format: wanted, compression: packing = 'none' }: RawOrder): Form {
  const format = EXPORT_FORMATS.find((known) => known === wanted);
  const compression = EXPORT_COMPRESSIONS.find((known) => known === packing);
  if (!format || !compression) throw unknownFormat();
  return { format, compression };
}

/** A copy of everything has one form, and takes no other. */
function formOfEverything({ format, compression }: RawOrder): Form {
  if (format !== undefined || compression !== undefined) throw unknownFormat();
  return { format: 'ndjson', compression: 'zip' };
}

function chosenColumns(chosen: readonly string[] | undefined, { columns }: ExportSource): string[] {
  const known = columns.map(({ name }) => name);
  if (chosen === undefined) return known;
  const strange = chosen.filter((name) => !known.includes(name));
  if (strange.length > 0) throw unknownColumn({ columns: known });
  return [...chosen];
}

function filterValues(raw: Readonly<Record<string, unknown>>, filters: readonly DatasetFilter[], permissions: PermissionSet): FilterValues {
  const names = Object.keys(raw).sort();
  const values = names.map((name): [string, string | number | boolean] => {
    const filter = filters.find((known) => known.name === name);
    if (!filter) throw unknownFilter({ filters: filters.map((known) => known.name) });
    return [name, filterValue(filter, raw[name], permissions)];
  });
  return Object.fromEntries(values);
}

/** The values of a filter that someone with these permissions may choose from; undefined for any. */
export function filterChoices({ values }: DatasetFilter, permissions: PermissionSet): readonly string[] | undefined {
  return typeof values === 'function' ? values(permissions) : values;
}

const MAX_TEXT = 500;

function filterValue(filter: DatasetFilter, value: unknown, permissions: PermissionSet): string | number | boolean {
  const { name, type } = filter;
  const wrong = (message: string) => requestInvalid({ errors: [{ path: `filters.${name}`, message }] });
  if (type === 'boolean') {
    if (typeof value !== 'boolean') throw wrong('must be true or false');
    return value;
  }
  if (type === 'integer') {
    if (!Number.isSafeInteger(value)) throw wrong('must be a whole number');
    return value as number;
  }
  if (typeof value !== 'string' || value.length > MAX_TEXT) throw wrong(`must be text of at most ${MAX_TEXT} characters`);
  const fault = filter.faultOf?.(value);
  if (fault !== undefined) throw wrong(fault);
  if (type === 'instant') {
    const instant = instantOf(value);
    if (!instant) throw wrong('must be a time as in 2026-01-31T12:00:00Z');
    return instant.toISOString();
  }
  const values = filterChoices(filter, permissions);
  if (values && !values.includes(value)) throw wrong(`must be one of ${values.join(', ')}`);
  return value;
}

/** What two orders share exactly when they would make the same file of the same data. */
export function fingerprint({ permissions, source, format, compression, filters, columns, guard, bom }: ExportOrder): string {
  const sorted = Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify([permissions.encode(), source, format, compression, sorted, columns, guard, bom])).digest('hex');
}

/** Whole percent for a progress bar: 100 says that the file is there, so rows alone reach 99 at most. */
export function percentDone({ state, rowsDone, rowsEstimated }: Pick<ExportRecord, 'state' | 'rowsDone' | 'rowsEstimated'>): number {
  if (state === 'succeeded' || state === 'expired') return 100;
  if (!rowsEstimated) return 0;
  return Math.min(99, Math.floor((rowsDone * 100) / rowsEstimated));
}

/** `csv`, `ndjson.gz`, `zip`, … */
export function fileExtension({ format, compression }: Pick<ExportRecord, 'format' | 'compression'>): string {
  return { none: format, gzip: `${format}.gz`, zip: 'zip' }[compression];
}

const MEDIA_TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  json: 'application/json',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};
const COMPRESSED_TYPES: Record<Exclude<ExportCompression, 'none'>, string> = { gzip: 'application/gzip', zip: 'application/zip' };
/** What a file may come as, without parameters. */
export const FILE_MEDIA_TYPES = [...Object.values(MEDIA_TYPES), ...Object.values(COMPRESSED_TYPES)].map((type) => type.split(';')[0]!);

export function mediaType({ format, compression }: Pick<ExportRecord, 'format' | 'compression'>): string {
  return compression === 'none' ? MEDIA_TYPES[format] : COMPRESSED_TYPES[compression];
}

/** The name a browser saves the file under, e.g. `memes-2026-01-31.csv`. */
export function fileName(record: Pick<ExportRecord, 'source' | 'format' | 'compression' | 'createdAt'>): string {
  return `${record.source}-${record.createdAt.toISOString().slice(0, 10)}.${fileExtension(record)}`;
}
