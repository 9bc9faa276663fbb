import { describe, expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { withDeadline } from './deadline.js';

const NEVER = new AbortController().signal;
const aborted = (signal: AbortSignal) => new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve((signal.reason as Error).name)));

describe('a deadline', () => {
  it('lets work be done in time', async () => {
    await expect(withDeadline(60_000, NEVER, () => Promise.resolve('done'))).resolves.toBe('done');
  });

  it('is kept also when the collector was there meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const over = Promise.all(Array.from({ length: 50 }, () => withDeadline(50, NEVER, aborted)));
    for (let i = 0; i < 3; i += 1) collect();
    expect(new Set(await over)).toEqual(new Set(['TimeoutError']));
  });

  it('is over with the other signal, also with one that was before', async () => {
    const other = new AbortController();
    const work = withDeadline(60_000, other.signal, aborted);
    other.abort(new RangeError('enough'));
    await expect(work).resolves.toBe('RangeError');
    await expect(withDeadline(60_000, other.signal, (signal) => Promise.resolve(signal.aborted))).resolves.toBe(true);
  });
});
