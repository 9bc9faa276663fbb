import type { PermissionSet } from '../../platform/auth/permission-set.js';
import type { Dataset } from '../../platform/datasets/dataset.js';

/** The source that is every personal dataset at once: the member's portable copy of all they own, free of charge. */
export const EVERYTHING = 'everything';

/** What can be ordered by name. */
export type ExportSource = Pick<Dataset, 'name' | 'columns' | 'filters' | 'mayRead'>;

/** What is counted by the day: paid exports, and free copies of everything. */
export type DayCounter = 'started' | 'copies';

export type ExportState = 'queued' | 'running' | 'succeeded' | 'expired' | 'failed' | 'cancelled';
export const EXPORT_STATES: readonly ExportState[] = ['queued', 'running', 'succeeded', 'expired', 'failed', 'cancelled'];

export type ExportFormat = 'csv' | 'ndjson' | 'json' | 'xlsx';
export const EXPORT_FORMATS: readonly ExportFormat[] = ['csv', 'ndjson', 'json', 'xlsx'];

export type ExportCompression = 'none' | 'gzip' | 'zip';
export const EXPORT_COMPRESSIONS: readonly ExportCompression[] = ['none', 'gzip', 'zip'];

/** Why an export failed, kept as its `errorCode`. In each case the credit, or the day's free copy, went back. */
export const EXPORT_FAILURES = [
  /** Three workers in a row took it and were not heard of again. */
  'export.worker-lost',
  'export.disk-full',
  'export.source-failed',
  /** The disk failed in another way, three times. */
  'export.write-failed',
  /** It waited so long that the hold on its credit lapsed. */
  'export.hold-lapsed',
] as const;
export type ExportFailure = (typeof EXPORT_FAILURES)[number];

export type FilterValues = Readonly<Record<string, string | number | boolean>>;

/** What was asked for, checked and completed: two equal orders make equal files of the same data. */
export interface ExportOrder {
  /** What the member might do when they ordered: the file shows nothing beyond it. */
  readonly permissions: PermissionSet;
  readonly source: string;
  readonly format: ExportFormat;
  readonly compression: ExportCompression;
  readonly filters: FilterValues;
  readonly columns: readonly string[];
  /** Formula guard; csv only. */
  readonly guard: boolean;
  /** Byte order mark; csv only. */
  readonly bom: boolean;
}

/** An export as everyone outside the repository sees it. `state` is as of the read: past its time a file is expired. */
export interface ExportRecord extends ExportOrder {
  readonly id: string;
  readonly memberId: string;
  readonly state: ExportState;
  readonly attempt: number;
  readonly holdId: string | null;
  readonly snapshotAt: Date | null;
  readonly rowsDone: number;
  readonly rowsEstimated: number | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly storageKey: string | null;
  readonly errorCode: ExportFailure | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}
