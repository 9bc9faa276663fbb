/** More than any distance that is asked for: outside of the band of cells that can matter. */
const FAR = 1 << 20;

/** Reused by every call: distances are taken by the thousand. */
let left = new Int32Array(64);
let right = new Int32Array(64);
let rows = [new Int32Array(65), new Int32Array(65), new Int32Array(65)] as const;

/** Whether {@link distance} is at most `max`. */
export function isWithin(a: string, b: string, max: number): boolean {
  return distance(a, b, max) <= max;
}

/**
 * Optimal string alignment distance in code points: how many insertions, deletions, substitutions and swaps
 * of neighbours make `b` of `a`, no part of it edited twice.
 *
 * @param max the exact distance is of interest up to here; beyond, any larger number may be answered
 */
export function distance(a: string, b: string, max = Infinity): number {
  makeRoom(Math.max(a.length, b.length));
  let length = load(a, left);
  let width = load(b, right);
  if (Math.abs(length - width) > max) return FAR;
  while (length > 0 && width > 0 && left[length - 1] === right[width - 1]) {
    length -= 1;
    width -= 1;
  }
  let skip = 0;
  while (skip < length && skip < width && left[skip] === right[skip]) skip += 1;
  return align(skip, length - skip, width - skip, max);
}

/** The distance of what is left of both between their common beginning and end. */
function align(skip: number, length: number, width: number, max: number): number {
  let [before, above, row] = rows;
  for (let j = 0; j <= width; j++) above[j] = j;
  for (let i = 1; i <= length; i++) {
    const from = Math.max(1, i - max);
    const to = Math.min(width, i + max);
    row[from - 1] = from === 1 ? i : FAR;
    if (i + max <= width) above[to] = FAR;
    const letter = left[skip + i - 1];
    let least = row[from - 1]!;
    for (let j = from; j <= to; j++) {
      let best = above[j - 1]! + (letter === right[skip + j - 1] ? 0 : 1);
      if (above[j]! + 1 < best) best = above[j]! + 1;
      if (row[j - 1]! + 1 < best) best = row[j - 1]! + 1;
      if (i > 1 && j > 1 && letter === right[skip + j - 2] && left[skip + i - 2] === right[skip + j - 1] && before[j - 2]! + 1 < best) best = before[j - 2]! + 1;
      row[j] = best;
      if (best < least) least = best;
    }
    if (least > max) return FAR;
    [before, above, row] = [above, row, before];
  }
  return above[width]!;
}

function load(text: string, into: Int32Array): number {
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at)!;
    into[length++] = point;
    if (point > 0xffff) at += 1;
  }
  return length;
}

function makeRoom(length: number): void {
  if (length <= left.length) return;
  left = new Int32Array(length);
  right = new Int32Array(length);
  rows = [new Int32Array(length + 1), new Int32Array(length + 1), new Int32Array(length + 1)];
}
