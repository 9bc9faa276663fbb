import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cut, isKeyOfBrowser, payloadText, pauseSeconds, subjectOf, topicOf, verdictOn } from './push.rules.js';

const ID = '0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e';

describe('the body of a notification', () => {
  it.each([
    ['a short text', 'hello', 'hello'],
    ['exactly as much', '😀'.repeat(120), '😀'.repeat(120)],
    ['one too many', '😀'.repeat(121), `${'😀'.repeat(119)}…`],
  ])('is %s', (_, text, expected) => expect(cut(text)).toBe(expected));

  it('fits, whatever members write', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.option(fc.string({ unit: 'binary', maxLength: 8_000 })), (title, body) => {
        const text = payloadText({ conversationId: ID, messageId: ID, no: Number.MAX_SAFE_INTEGER, title, body, badge: Number.MAX_SAFE_INTEGER });
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3 * 1024);
        expect(JSON.parse(text)).toMatchObject({ title, body: body === null ? null : expect.any(String) });
      }),
    );
  });
});

it('the topic is 32 characters of base64url', () => expect(topicOf(ID)).toMatch(/^[\w-]{32}$/));

it.each([
  [1, undefined, 15],
  [2, undefined, 60],
  [3, undefined, 240],
  [4, undefined, 960],
  [1, 120, 120],
  [3, 5, 240],
  [1, 999_999_999, 3_600],
])('after try %i, asked to wait %p, it is tried again in %i s', (attempt, asked, seconds) => expect(pauseSeconds(attempt, asked)).toBe(seconds));

it.each([
  [200, 'sent'], [201, 'sent'], [202, 'sent'], [301, 'failed'], [307, 'failed'], [400, 'failed'], [401, 'failed'], [403, 'failed'],
  [404, 'subscription-gone'], [410, 'subscription-gone'], [413, 'too-large'], [429, 'failed'], [500, 'failed'], [503, 'failed'],
] as const)('answered with %i it is %s', (status, verdict) => expect(verdictOn(status)).toBe(verdict));

it.each([
  ['what is set', { PUSH_SUBJECT: 'mailto:ada@example.org', PUBLIC_URL: 'https://plaza.example.org' }, 'mailto:ada@example.org'],
  ['the address of the community', { PUBLIC_URL: 'https://plaza.example.org' }, 'https://plaza.example.org'],
  ['the sender of mails', { PUBLIC_URL: 'http://127.0.0.1:3000' }, 'mailto:plaza@example.org'],
])('the operator is reached by %s', (_, settings, subject) => expect(subjectOf({ MAIL_FROM: 'Plaza <plaza@example.org>', ...settings })).toBe(subject));

it.each([
  ['a point', 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4', true],
  ['none of the curve', Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString('base64url'), false],
  ['nothing', Buffer.alloc(65).toString('base64url'), false],
])('a key that is %s: %s', (_, p256dh, isOne) => expect(isKeyOfBrowser({ p256dh })).toBe(isOne));
