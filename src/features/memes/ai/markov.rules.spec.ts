import { describe, expect, it } from '@jest/globals';
import { fits, hasBoth, joined, learnable, seedsIn, speaksOf, split } from './markov.rules.js';

describe('a caption as a line to learn from', () => {
  it.each([
    [{ upper: 'UP  AND ', lower: ' down\tunder' }, 'UP AND \n down under', { upper: 'UP AND', lower: 'down under' }],
    [{ upper: '', lower: 'down' }, '\n down', { upper: '', lower: 'down' }],
    [{ upper: 'UP', lower: '' }, 'UP \n', { upper: 'UP', lower: '' }],
    [{ upper: 'two\nlines', lower: 'a\u0000b' }, 'two lines \n a b', { upper: 'two lines', lower: 'a b' }],
  ])('has one space between words and one break: %j', (caption, line, back) => {
    expect(joined(caption)).toBe(line);
    expect(split(line)).toEqual(back);
  });

  it('that was put together of several goes on below its first break', () => expect(split('up \n and \n down')).toEqual({ upper: 'up', lower: 'and down' }));

  it.each([['up \n down', true], ['up \n', false], ['\n down', false], ['up', false], ['up \n \n', false]])('has words at top and bottom or not: %j', (line, answer) => {
    expect(hasBoth(line)).toBe(answer);
  });

  it('fits when neither line is longer than 200', () => {
    const [most, more] = ['x'.repeat(200), 'x'.repeat(201)];
    expect([`${most} \n ${most}`, `${more} \n a`, `a \n ${more}`].map(fits)).toEqual([true, false, false]);
  });

  it.each([
    ['enough words', 'one two \n three', true],
    ['a single word', '\n word', false],
    ['no word', '\n', false],
    ['more than fits', `${'long '.repeat(40)}\n line`, false],
    ['a word that objects know', 'hasOwnProperty is \n a word', false],
    ['another one', 'the constructor of \n words', false],
  ])('is learnt or not: %s', (_, line, answer) => expect(learnable(line)).toBe(answer));
});

describe('the words of a prompt', () => {
  it('are the longer ones', () => expect([...seedsIn('Write me a meme about PRINTERS')]).toEqual(['write', 'meme', 'about', 'printers']));
  it('are all when all are short', () => expect([...seedsIn('me 猫 of')]).toEqual(['me', '猫', 'of']));
  it('are found whole, whatever their case and accents', () => {
    const seeds = seedsIn('café printer');
    expect(['my CAFE \n', '\n the Printer!', 'printers \n cafes'].map((line) => speaksOf(line, seeds))).toEqual([true, true, false]);
  });
});
