import { expect, it } from '@jest/globals';
import { goOn } from './at-once.js';

it('goes on at once with what is there', () => {
  expect(goOn(2, (value) => value + 1)).toBe(3);
  expect(goOn(undefined, (value) => value)).toBeUndefined();
});

it('goes on later with what is promised', async () => {
  const result = goOn(Promise.resolve(2), (value) => value + 1);
  expect(result).toBeInstanceOf(Promise);
  expect(await result).toBe(3);
});

it('passes on what fails, on either side', async () => {
  const fail = (): never => {
    throw new Error('no');
  };
  expect(() => goOn(2, fail)).toThrow('no');
  await expect(goOn(Promise.resolve(2), fail)).rejects.toThrow('no');
  await expect(goOn(Promise.reject(new Error('never came')), () => 1)).rejects.toThrow('never came');
});
