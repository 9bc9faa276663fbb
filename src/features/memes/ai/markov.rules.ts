import { tokensOf } from '../search/text.rules.js';
import { LONGEST_LINE, type WrittenCaption } from './caption.types.js';

/** Stands between the words at the top and those at the bottom, as a word of its own that no caption has. */
const BREAK = '\n';

/** The words of a caption as one line to learn from, each after one space. */
export function joined({ upper, lower }: WrittenCaption): string {
  return [...wordsOf(upper), BREAK, ...wordsOf(lower)].join(' ');
}

/** The two lines of what was learnt from {@link joined} lines, which may have more than one break by now. */
export function split(line: string): WrittenCaption {
  const [upper = '', ...rest] = line.split(BREAK);
  return { upper: upper.trim(), lower: rest.map((text) => text.trim()).filter((text) => text !== '').join(' ') };
}

/** Whether there are words at the top and at the bottom. */
export function hasBoth(line: string): boolean {
  const { upper, lower } = split(line);
  return upper !== '' && lower !== '';
}

/** Whether neither of the two lines is too long. */
export function fits(line: string): boolean {
  const { upper, lower } = split(line);
  return upper.length <= LONGEST_LINE && lower.length <= LONGEST_LINE;
}

/**
 * Whether a line is worth learning: neither empty nor endless, and without the few words, such as
 * `constructor`, that mean something else where the model keeps its words as the keys of an object.
 */
export function learnable(line: string): boolean {
  const words = line.split(' ');
  return words.length > 3 && line.length <= LONGEST_LINE && !words.some((word) => word in Object.prototype);
}

/** The words of a prompt that a caption should have one of: the longer ones, or all when there are none. */
export function seedsIn(prompt: string): ReadonlySet<string> {
  const words = tokensOf(prompt).map(({ word }) => word);
  const long = words.filter((word) => word.length >= 4);
  return new Set(long.length > 0 ? long : words);
}

/** Whether a line has one of these words. */
export function speaksOf(line: string, seeds: ReadonlySet<string>): boolean {
  return tokensOf(line).some(({ word }) => seeds.has(word));
}

function wordsOf(text: string): string[] {
  return text.split(/[\s\p{Cc}]+/u).filter((word) => word !== '');
}
