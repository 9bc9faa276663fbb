/** A column with room for `needed` values: the same one, or a copy of at least twice its length. */
export function grown<Column extends Int32Array | Float64Array | Uint8Array>(column: Column, needed: number): Column {
  if (needed <= column.length) return column;
  const larger = new (column.constructor as new (length: number) => Column)(Math.max(needed, column.length * 2));
  larger.set(column);
  return larger;
}

/** The first index of `count` whose value is not before what is looked for; `count` when there is none. */
export function firstNotBefore(count: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
