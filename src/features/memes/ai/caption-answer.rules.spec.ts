import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { captionIn } from './caption-answer.rules.js';

describe('what an endpoint wrote', () => {
  it.each([
    ['JSON', '{"upper": "UP", "lower": "down"}', 'UP', 'down'],
    ['JSON between other text', 'Sure! ```json\n{"upper": "UP",\n "lower": "down"}\n``` Enjoy.', 'UP', 'down'],
    ['JSON with a brace in it', '{"upper": "{}", "lower": "}{"}', '{}', '}{'],
    ['one of the two', '{"lower": "down"}', '', 'down'],
    ['more than was asked for', '{"upper": "UP", "lower": "", "kind": "normal", "__proto__": {"lower": "x"}}', 'UP', ''],
    ['two lines', 'UP\n\n  down \r\n', 'UP', 'down'],
    ['one line', 'all of it', '', 'all of it'],
    ['thoughts before it', '<think>a { brace\nand lines</think>\n\nUP\ndown', 'UP', 'down'],
    ['thoughts whose beginning was swallowed', 'a { brace\nand\nlines</think>\nUP\ndown', 'UP', 'down'],
    ['other line breaks', '{"upper": "U\u2028P", "lower": "a\u2029b"}', 'U P', 'a b'],
    ['control characters', '{"upper": "\\u0007U\\u0000P\\u001b[31m", "lower": "a\\nb\\tc"}', 'U P [31m', 'a b c'],
    ['marks that turn the direction', '{"upper": "\\u202eUP\\u2066", "lower": ""}', 'UP', ''],
    ['halves of a character', '{"upper": "\\ud83d", "lower": ""}', '\uFFFD', ''],
    ['any script', '猫より\nсова', '猫より', 'сова'],
    ['200 characters', `${'😀'.repeat(200)}\nb`, '😀'.repeat(200), 'b'],
  ])('is read: %s', (_, answer, upper, lower) => expect(captionIn(answer)).toEqual({ upper, lower }));

  it.each([
    ['nothing', ''],
    ['no text', null],
    ['no text either', { upper: 'UP' }],
    ['white space', ' \n\t\n '],
    ['empty lines', '{"upper": "", "lower": " \\n "}'],
    ['nothing to be seen', '{"upper": "\u200b\u2060", "lower": "\ufe0f \u3164"}'],
    ['thoughts and nothing else', '<think>UP\ndown</think>'],
    ['numbers', '{"upper": 1, "lower": "down"}'],
    ['a list', '{"upper": ["UP"]}'],
    ['half a JSON', '{"upper": "UP", "lower": "do'],
    ['a JSON of other things', '{"caption": "UP"}'],
    ['a brace alone', 'what { is'],
    ['three lines', 'Here it is:\nUP\ndown'],
    ['201 characters', `${'😀'.repeat(201)}\nb`],
    ['201 characters below', JSON.stringify({ upper: 'a', lower: 'b'.repeat(201) })],
  ])('is refused: %s', (_, answer) => expect(captionIn(answer)).toBeUndefined());

  it('is either refused or fit to be stored, whatever it is', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.json(), fc.record({ upper: fc.string({ unit: 'binary' }), lower: fc.anything() }).map((value) => JSON.stringify(value)), fc.anything());
    fc.assert(
      fc.property(anything, (answer) => {
        const caption = captionIn(answer);
        if (caption === undefined) return;
        const lines = [caption.upper, caption.lower];
        expect(lines.join('')).not.toBe('');
        for (const line of lines) {
          expect([...line].length).toBeLessThanOrEqual(200);
          expect(line).toBe(line.trim());
          expect(line.isWellFormed() && !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(line)).toBe(true);
        }
      }),
    );
  });
});
