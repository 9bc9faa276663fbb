/** Of a name in an explanation, in UTF-16 code units. */
const NAME_LENGTH = 40;

export const NO_VOTES = 'Nobody has voted for a candidate yet, so nobody wins.';

/** A name short enough for a sentence. */
export function shortened(name: string): string {
  if (name.length <= NAME_LENGTH) return name;
  // What is left of a character that was cut in two is cut too.
  return `${name.slice(0, NAME_LENGTH - 1).replace(/\p{Surrogate}$/u, '')}…`;
}

/** `Ann, Ben and Cid`; of more than `most` and one the first ones: `Ann, Ben and 3 others`. */
export function listed(items: readonly string[], most = 5): string {
  const more = items.length - most;
  const shown = more > 1 ? [...items.slice(0, most), `${more} others`] : items;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : shown.join('');
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
