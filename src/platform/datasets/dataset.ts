import type { Readable } from 'node:stream';
import type { Snapshot } from '../database/transactions.js';
import type { PermissionSet } from '../auth/permission-set.js';

export type ColumnType = 'string' | 'integer' | 'number' | 'boolean' | 'instant' | 'date';

/** A value of a row: what its column's type says, or null. Instants are Dates. */
export type Cell = string | number | boolean | Date | null;
export type Row = Readonly<Record<string, Cell>>;

export interface DatasetColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export interface DatasetFilter {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'instant';
  readonly description: string;
  /** What else is wrong with a text, in the words of an error message; undefined when nothing is. */
  readonly faultOf?: (value: string) => string | undefined;
  /** The values allowed, when they are few; a function where some exist for the holders of a permission only. */
  readonly values?: readonly string[] | ((permissions: PermissionSet) => readonly string[]);
}

export interface DatasetRequest {
  /** Whose data: a reader shows this member's own rows where the dataset is personal. */
  readonly memberId: string;
  /** What that member may do: a reader shows nothing beyond it. */
  readonly permissions: PermissionSet;
  readonly filters: Readonly<Record<string, string | number | boolean>>;
}

/** A file that belongs to a dataset, such as an upload: the copy of everything has it beside the rows. */
export interface Attachment {
  /** A relative path with `/` that no other file of any dataset has: `files/…`. */
  readonly name: string;
  /** Opens it, once its turn has come. Undefined when it is gone by then. */
  open(): Promise<Readable | undefined>;
}

/**
 * Data that a member may take away as a file. A feature that owns data provides one, registered in
 * {@link Datasets}; exports consumes it without knowing the feature.
 */
export interface Dataset {
  /** In kebab-case: files are named after it. */
  readonly name: string;
  /** True when the rows are the asking member's own data: they are part of the copy of all that a member owns. */
  readonly personal: boolean;
  readonly columns: readonly DatasetColumn[];
  readonly filters: readonly DatasetFilter[];
  mayRead(permissions: PermissionSet): boolean;
  /**
   * Whether someone with these permissions, who may read the dataset, would be shown all that was shown to
   * the maker of `request`. Left out where permissions decide about the whole and never about its rows.
   */
  mayReadAllOf?(request: Omit<DatasetRequest, 'memberId'>, permissions: PermissionSet): boolean;
  /** How many rows there will be, for the progress bar; an estimate will do. */
  count(snapshot: Snapshot, request: DatasetRequest): Promise<number>;
  /** The rows in pages of at most `pageSize`, by keyset, all read inside `snapshot`. */
  pages(snapshot: Snapshot, request: DatasetRequest, pageSize: number): AsyncIterable<readonly Row[]>;
  /** The files that belong to the rows, in any order, named as of `snapshot`; left out where there are none. */
  attachments?(snapshot: Snapshot, request: DatasetRequest): AsyncIterable<Attachment>;
}
