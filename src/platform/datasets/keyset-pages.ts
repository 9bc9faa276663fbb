import type { Row } from './dataset.js';

/** How a listing is read page by page. */
export interface KeysetListing<Item, Key> {
  readonly pageSize: number;
  /** The next `pageSize` items in the order of their keys. @param after key of the last item so far; undefined at first */
  readonly list: (after: Key | undefined) => Promise<readonly Item[]>;
  readonly keyOf: (item: Item) => Key;
  readonly rowOf: (item: Item) => Row;
}

/** The rows of a listing, for `Dataset.pages`: a page is read when the one before was taken, and a short one is the last. */
export async function* keysetPages<Item, Key>({ pageSize, list, keyOf, rowOf }: KeysetListing<Item, Key>): AsyncGenerator<readonly Row[]> {
  for (let after: Key | undefined; ; ) {
    const items = await list(after);
    if (items.length > 0) yield items.map(rowOf);
    if (items.length < pageSize) return;
    after = keyOf(items.at(-1)!);
  }
}
