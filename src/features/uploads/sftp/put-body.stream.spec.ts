import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { PutBody, PutWindow } from './put-body.stream.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const putBody = (window = new PutWindow(), onFull: (full: boolean) => void = () => undefined) => new PutBody(window, onFull);
/** What a write came to: `undefined`, or the message it was refused with. */
const outcome = (write: Promise<void>) => write.then(() => undefined, (error: Error) => error.message);
/** Whether a write has an answer yet. */
async function isAnswered(write: Promise<void>): Promise<boolean> {
  let answered = false;
  void outcome(write).then(() => (answered = true));
  await new Promise(setImmediate);
  return answered;
}

describe('the body of a put', () => {
  it('is what was written, in whatever order within the window', async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(chunks.chain((parts) => fc.tuple(fc.constant(parts), fc.shuffledSubarray([...parts.keys()], { minLength: parts.length }))), async ([parts, order]) => {
        const offsets = parts.map((_, index) => parts.slice(0, index).reduce((sum, part) => sum + part.length, 0));
        const window = new PutWindow();
        const body = putBody(window);
        const whole = buffer(body);
        const answers = order.map((index) => outcome(body.write(offsets[index]!, Buffer.from(parts[index]!))));
        expect(await Promise.all(answers)).toEqual(answers.map(() => undefined));
        body.finish();
        expect(await whole).toEqual(Buffer.concat(parts));
        // All of the window is free again.
        expect(window.take(Buffer.alloc(4 * MIB))).toBe(true);
      }),
    );
  });

  it('answers a write that came early only when those before it are there', async () => {
    const body = putBody();
    const whole = buffer(body);
    const second = body.write(3, Buffer.from('def'));
    expect(await isAnswered(second)).toBe(false);
    await body.write(0, Buffer.from('abc'));
    await second;
    body.finish();
    expect((await whole).toString()).toBe('abcdef');
  });

  it('keeps the client waiting while nobody takes the bytes, and stops listening to one that does not wait', async () => {
    const told: boolean[] = [];
    const body = putBody(new PutWindow(), (full) => told.push(full));
    const chunk = Buffer.alloc(256 * KIB);
    await body.write(0, chunk);
    const writes = [1, 2, 3, 4].map((n) => body.write(n * chunk.length, chunk));
    expect(await isAnswered(writes[0]!)).toBe(false);
    expect(told).toEqual([true]);
    const whole = buffer(body);
    await Promise.all(writes);
    expect(told.at(-1)).toBe(false);
    body.finish();
    expect((await whole).length).toBe(5 * chunk.length);
  });

  it('is refused beyond a window that all puts of a connection share, and gives its part back', async () => {
    const window = new PutWindow();
    const [one, two] = [putBody(window), putBody(window)];
    const writes = Array.from({ length: 16 }, (_, n) => outcome([one, two][n % 2]!.write(MIB + n * 128 * KIB, Buffer.alloc(256 * KIB))));
    expect(await outcome(two.write(32 * MIB, Buffer.alloc(1)))).toMatch('out of order');
    expect(two.destroyed).toBe(true);
    for (const answer of writes.filter((_, n) => n % 2 === 1)) expect(await answer).toMatch('out of order');
    expect(one.destroyed).toBe(false);
    expect(window.take(Buffer.alloc(2 * MIB))).toBe(true);
    expect(window.take(Buffer.alloc(1))).toBe(false);
  });

  it('is refused when tiny writes would fill the memory by their number', async () => {
    const body = putBody();
    const writes = Array.from({ length: 1_025 }, (_, n) => outcome(body.write(10 + 2 * n, Buffer.alloc(1))));
    expect(new Set(await Promise.all(writes)).size).toBe(1);
    expect(body.destroyed).toBe(true);
  });

  it.each([[0, 'written again'], [2, 'written again'], [-1, 'written again'], [1.5, 'written again'], [2 ** 60, 'written again'], [NaN, 'written again']])(
    'is refused for a write at %d after three bytes', async (offset, message) => {
      const body = putBody();
      await body.write(0, Buffer.from('abc'));
      expect(await outcome(body.write(offset, Buffer.from('x')))).toMatch(message);
      expect(body.destroyed).toBe(true);
      expect(await outcome(body.write(3, Buffer.from('x')))).toMatch(message);
    },
  );

  it.each([['a gap', 5], ['an overlap', 2]])('is refused at its end for %s', async (_, second) => {
    const body = putBody();
    const whole = buffer(body);
    const early = outcome(body.write(second, Buffer.from('later')));
    await body.write(0, Buffer.from('abc'));
    body.finish();
    await expect(whole).rejects.toThrow('missing, or were sent twice');
    expect(await early).toMatch('missing, or were sent twice');
  });

  it('takes nothing after its end', async () => {
    const body = putBody();
    body.finish();
    expect(await outcome(body.write(0, Buffer.from('x')))).toBe('This upload has ended.');
  });

  it('lets every write know when the client is gone', async () => {
    const body = putBody();
    const early = outcome(body.write(5, Buffer.from('x')));
    body.destroy();
    expect(await early).toBe('This upload has ended.');
  });
});

describe('patience', () => {
  afterEach(() => void jest.useRealTimers());

  it('ends a put without a byte for a minute', async () => {
    jest.useFakeTimers();
    const body = putBody();
    body.resume();
    jest.advanceTimersByTime(59_999);
    await body.write(0, Buffer.from('x'));
    jest.advanceTimersByTime(59_999);
    expect(body.destroyed).toBe(false);
    jest.advanceTimersByTime(1);
    expect(body.errored?.message).toBe('No byte came for a minute.');
  });

  it('does not blame the client for a pipeline that takes nothing', async () => {
    jest.useFakeTimers();
    const body = putBody();
    const write = outcome(body.write(0, Buffer.alloc(MIB)));
    jest.advanceTimersByTime(600_000);
    expect(body.destroyed).toBe(false);
    body.resume();
    jest.useRealTimers();
    expect(await write).toBeUndefined();
    body.destroy();
  });
});
