import { expect } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * Holds a committed text against what the source says. With `UPDATE_GENERATED=1` it is written instead,
 * so that the two never drift and nobody types either by hand.
 *
 * @param between two markers: only what stands between them is generated
 */
export async function expectGenerated(file: string, text: string, between?: readonly [string, string]): Promise<void> {
  const target = path.join(ROOT, file);
  const committed = await readFile(target, 'utf8').catch(() => undefined);
  const wanted = between === undefined ? text : replaceBetween(committed ?? '', text, between);
  if (process.env['UPDATE_GENERATED'] === '1' && committed !== wanted) return writeFile(target, wanted);
  if (committed !== wanted) expect(`${file} (UPDATE_GENERATED=1 writes it anew):\n${committed}`).toBe(`${file} (UPDATE_GENERATED=1 writes it anew):\n${wanted}`);
}

function replaceBetween(whole: string, text: string, [start, end]: readonly [string, string]): string {
  const [from, to] = [whole.indexOf(start), whole.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there must be ${start} and then ${end}`);
  return `${whole.slice(0, from + start.length)}\n${text}\n${whole.slice(to)}`;
}
