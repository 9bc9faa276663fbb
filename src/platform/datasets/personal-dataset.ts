import type { PermissionName } from '../auth/permissions.js';
import type { Reader } from '../database/transactions.js';
import type { Dataset, DatasetColumn, DatasetRequest, Row } from './dataset.js';
import { keysetPages, type KeysetListing } from './keyset-pages.js';

/** What a feature has on record about a member, as it lists it. */
export interface PersonalRecords<Item, Key> extends Pick<KeysetListing<Item, Key>, 'keyOf' | 'rowOf'> {
  readonly name: string;
  readonly columns: readonly DatasetColumn[];
  /** Who lacks it does not get to see the dataset. */
  readonly permission: PermissionName;
  /** The member's next `limit` items in the order of their keys. */
  readonly listAfter: (reader: Reader, memberId: string, page: { after?: Key; limit: number }) => Promise<readonly Item[]>;
}

/** Counted in pages of this size. */
const COUNT_PAGE_SIZE = 1_000;

/** A personal dataset of a list that has no filters and is short enough to be counted by reading it. */
export function personalDataset<Item, Key>({ name, columns, permission, listAfter, keyOf, rowOf }: PersonalRecords<Item, Key>): Dataset {
  const pages = (reader: Reader, { memberId }: DatasetRequest, pageSize: number): AsyncIterable<readonly Row[]> =>
    keysetPages({ pageSize, list: (after: Key | undefined) => listAfter(reader, memberId, { after, limit: pageSize }), keyOf, rowOf });
  return {
    name,
    personal: true,
    columns,
    filters: [],
    mayRead: (permissions) => permissions.has(permission),
    count: async (snapshot, request) => {
      let rows = 0;
      for await (const page of pages(snapshot, request, COUNT_PAGE_SIZE)) rows += page.length;
      return rows;
    },
    pages,
  };
}
