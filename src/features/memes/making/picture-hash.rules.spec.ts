import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasGrain, HASHED_HEIGHT, HASHED_WIDTH, NEAR_BITS, pictureHash } from './picture-hash.rules.js';

type Colour = readonly [red: number, green: number, blue: number];
/** A picture, pixel by pixel. */
const picture = (colourAt: (x: number, y: number) => Colour): Uint8Array =>
  Uint8Array.from(Array.from({ length: HASHED_WIDTH * HASHED_HEIGHT }, (_, i) => colourAt(i % HASHED_WIDTH, Math.floor(i / HASHED_WIDTH))).flat());
const grey = (level: number): Colour => [level, level, level];
const hashOf = (colourAt: (x: number, y: number) => Colour): string => pictureHash(picture(colourAt)).toString('hex');
const distance = (a: Buffer, b: Buffer): number => a.reduce((sum, byte, i) => sum + [...(byte ^ b[i]!).toString(2)].filter((bit) => bit === '1').length, 0);
const near = (a: Uint8Array, b: Uint8Array): boolean => distance(pictureHash(a), pictureHash(b)) <= NEAR_BITS;

describe('the hash of a picture', () => {
  it('has a bit for each pixel that is brighter than its right neighbour', () => {
    expect(hashOf((x) => grey(x % 2 === 0 ? 200 : 50))).toBe('aa'.repeat(8));
    expect(hashOf((x) => grey(x % 2 === 0 ? 50 : 200))).toBe('55'.repeat(8));
    expect(hashOf((x, y) => grey(y < 4 ? 250 - x * 25 : 25 + x * 25))).toBe('ffffffff00000000');
    expect(hashOf((x, y) => grey(y % 2 === 0 ? 250 - x * 25 : x < 4 ? 100 : 0))).toBe('ff10'.repeat(4));
  });

  it('takes what the eye takes for bright: green more than red, red more than blue', () => {
    expect(hashOf((x) => (x % 2 === 0 ? [0, 200, 0] : [200, 0, 0]))).toBe('aa'.repeat(8));
    expect(hashOf((x) => (x % 2 === 0 ? [200, 0, 0] : [0, 0, 200]))).toBe('aa'.repeat(8));
  });

  it('does not see noise in what is flat', () => {
    const noisy = (noise: (x: number, y: number) => number) => picture((x, y) => grey(y < 4 ? 250 - x * 25 : 100 + noise(x, y)));
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 72, maxLength: 72 }), (noise) => {
      expect(pictureHash(noisy((x, y) => noise[y * HASHED_WIDTH + x]!))).toEqual(pictureHash(noisy(() => 0)));
    }));
  });

  it('does not change with the brightness of the whole', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 72, maxLength: 72 }), fc.integer({ min: 0, max: 95 }), (levels, more) => {
      const of = (by: number) => picture((x, y) => grey(levels[y * HASHED_WIDTH + x]! * 10 + by));
      const [plain, brighter] = [pictureHash(of(0)), pictureHash(of(more))];
      fc.pre(distance(plain, Buffer.alloc(8)) >= 8 && distance(plain, Buffer.alloc(8)) <= 56);
      expect(brighter).toEqual(plain);
    }));
  });

  const plain: Record<string, Uint8Array> = {
    white: picture(() => grey(255)),
    black: picture(() => grey(0)),
    grey: picture(() => grey(128)),
    red: picture(() => [255, 0, 0]),
    blue: picture(() => [0, 0, 255]),
    'a gradient to the right': picture((x) => grey(x * 30)),
    'a gradient to the left': picture((x) => grey(255 - x * 30)),
    'a gradient downwards': picture((_, y) => grey(y * 35)),
    'a gradient upwards': picture((_, y) => grey(255 - y * 35)),
    'a bright middle': picture((x) => grey(200 - Math.abs(4 - x) * 40)),
    'a black pixel': picture((x, y) => grey(x === 2 && y === 2 ? 0 : 255)),
    'a black pixel elsewhere': picture((x, y) => grey(x === 6 && y === 5 ? 0 : 255)),
    'a red pixel': picture((x, y) => (x === 2 && y === 2 ? [255, 0, 0] : [255, 255, 255])),
  };

  it('tells plain pictures apart, whose differences say nothing', () => {
    const names = Object.keys(plain);
    const alike = names.flatMap((a, i) => names.slice(i + 1).filter((b) => near(plain[a]!, plain[b]!)).map((b) => `${a} = ${b}`));
    expect(alike).toEqual([]);
  });

  it('tells pictures of grain apart, by the slightest differences', () => {
    const afar = (seed: number) => picture((x, y) => grey(127 + ((x * 7 + y * 13 + x * y * seed) % 3)));
    expect(near(afar(1), afar(5))).toBe(true);
    expect(distance(pictureHash(afar(1), true), pictureHash(afar(5), true))).toBeGreaterThan(NEAR_BITS);
  });

  it.each<[string, (i: number) => number, boolean]>([
    ['grain', (i) => 100 + ((i * 37) % 29), true],
    ['a gradient', (i) => (i / 5) % 256, false],
    ['the noise of compression', (i) => 100 + (i % 3), false],
    ['lines', (i) => (i % 10 === 0 ? 0 : 255), false],
  ])('sees what has grain: %s', (_, levelAt, expected) => {
    expect(hasGrain(Uint8Array.from({ length: 1_000 }, (__, i) => levelAt(i)))).toBe(expected);
  });

  it('knows a plain picture again that was compressed', () => {
    const strange = Object.keys(plain).filter((name) => !near(plain[name]!, plain[name]!.map((level, i) => Math.min(255, Math.max(0, level + (i % 3) - 1)))));
    expect(strange).toEqual([]);
  });
});
