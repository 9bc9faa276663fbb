import { describe, expect, it } from '@jest/globals';
import { BACKGROUND_SIZE, BLANK, plainBackground } from './plain-background.rules.js';

const coloursOf = (pixels: Uint8Array): Set<number> => {
  const colours = new Set<number>();
  for (let at = 0; at < pixels.length; at += 3) colours.add((pixels[at]! << 16) | (pixels[at + 1]! << 8) | pixels[at + 2]!);
  return colours;
};

describe('a plain background', () => {
  it('is one colour for the template that is always there', () => {
    expect(plainBackground(BLANK)).toHaveLength(BACKGROUND_SIZE.width * BACKGROUND_SIZE.height * 3);
    expect(coloursOf(plainBackground(BLANK)).size).toBe(1);
  });

  it('has rays of the name\'s own, always the same', () => {
    const owl = plainBackground('library owl');
    expect(owl).toHaveLength(BACKGROUND_SIZE.width * BACKGROUND_SIZE.height * 3);
    expect(coloursOf(owl).size).toBeGreaterThan(1);
    expect(Buffer.compare(plainBackground('library owl'), owl)).toBe(0);
    expect(Buffer.compare(plainBackground('hopeful plant'), owl)).not.toBe(0);
  });
});
