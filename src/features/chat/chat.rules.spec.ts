import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from '../../platform/errors/domain-error.js';
import { checkContent, contentHash, dmKeyOf, mentionsIn, type MessageContent, moderates, MOST_BYTES, refusalToAct, refusalToRead, refusalToSend, type SendingRules, type Standing } from './chat.rules.js';
import { CONVERSATION_ROLES } from './chat.types.js';

const NOW = new Date('2026-11-23T10:00:00.000Z');
const after = (ms: number) => new Date(NOW.getTime() + ms);
const SMILE = '\u{1f600}';
const memberId = (i: number) => `0192d3c4-ab1f-7000-8000-${i.toString(16).padStart(12, '0')}`;
const calls = (count: number) => Array.from({ length: count }, (_, i) => `<@${memberId(i)}>`).join('');

/** A refusal by its code and details. */
function said(error: unknown): object | undefined {
  if (error === undefined) return undefined;
  expect(error).toBeInstanceOf(DomainError);
  const { code, details } = error as DomainError;
  return { code, ...details };
}

describe('a content', () => {
  const contentFault = (text: string | null, fileIds: string[] = []) => {
    try {
      return checkContent({ text, fileIds });
    } catch (error) {
      return said(error);
    }
  };
  const tooLong = (what: string, most: number) => ({ code: 'chat.too-long', what, most });
  const tooManyCodePoints = tooLong('codePoints', 8_000);
  const tooManyBytes = tooLong('bytes', 32_768);

  it.each<[string, string | null, string[], object | undefined]>([
    ['a text', 'hello', [], undefined],
    ['a text and a file', 'hello', ['file'], undefined],
    ['a file alone', null, ['file'], undefined],
    ['a file and an empty text', '', ['file'], undefined],
    ['nothing', null, [], { code: 'chat.empty' }],
    ['an empty text', '', [], { code: 'chat.empty' }],
    ['white space', ' \t\r\n\u00a0\u3000', [], { code: 'chat.empty' }],
    ['8,000 letters', 'x'.repeat(8_000), [], undefined],
    ['8,001 letters', 'x'.repeat(8_001), [], tooManyCodePoints],
    ['8,001 letters and a file', 'x'.repeat(8_001), ['file'], tooManyCodePoints],
    ['8,000 code points of two units', SMILE.repeat(8_000), [], undefined],
    ['8,001 code points of two units', SMILE.repeat(8_001), [], tooManyCodePoints],
    ['8,000 code points of either kind', `${SMILE.repeat(7_999)}x`, [], undefined],
    ['8,001 code points of either kind', `${SMILE.repeat(7_999)}xx`, [], tooManyCodePoints],
    // So many bytes are more than 8,000 code points: what is too much is said of the bytes beyond 32 KiB.
    ['32 KiB of letters', 'x'.repeat(MOST_BYTES), [], tooManyCodePoints],
    ['32 KiB and one of letters', 'x'.repeat(MOST_BYTES + 1), [], tooManyBytes],
    ['32 KiB of four bytes each', SMILE.repeat(MOST_BYTES / 4), [], tooManyCodePoints],
    ['32 KiB of four bytes each and one', `${SMILE.repeat(MOST_BYTES / 4)}x`, [], tooManyBytes],
    ['20 mentions', calls(20), [], undefined],
    ['21 mentions', calls(21), [], tooLong('mentions', 20)],
    ['20 mentions, each again in capitals', `${calls(20)} ${calls(20).toUpperCase()}`, [], undefined],
  ])('%s', (_title, text, fileIds, expected) => expect(contentFault(text, fileIds)).toEqual(expected));
});

describe('mentions', () => {
  const [one, other] = [memberId(1), memberId(2)];

  it.each<[string, string | null, string[]]>([
    ['of no text', null, []],
    ['of an empty text', '', []],
    ['of a text that calls nobody', 'hello @ada, 3 <4 >@ 2', []],
    ['of one', `hello <@${one}>!`, [one]],
    ['of two, in their order', `<@${other}><@${one}>`, [other, one]],
    ['of one twice', `<@${one}> <@${other}> <@${one}>`, [one, other]],
    ['in capitals', `<@${one.toUpperCase()}>`, [one]],
    ['in capitals and again', `<@${one.toUpperCase()}> <@${one}>`, [one]],
    ['on several lines', `<@${one}>\n<@${other}>\n`, [one, other]],
    ['within another bracket', `<@<@${one}>>`, [one]],
    ['without brackets', `@${one}`, []],
    ['that do not end', `<@${one} <@${other}`, []],
    ['with a space', `<@ ${one}> <@${one} >`, []],
    ['one digit short', `<@${one.slice(0, -1)}>`, []],
    ['one digit long', `<@${one}0>`, []],
    ['without hyphens', `<@${one.replaceAll('-', '')}>`, []],
    ['with a letter that is no digit', `<@${one.slice(0, -1)}g>`, []],
    ['of a name', '<@ada>', []],
  ])('%s', (_title, text, expected) => expect(mentionsIn(text)).toEqual(expected));
});

describe('the hash of a content', () => {
  const content: MessageContent = { text: 'hello', fileIds: ['a', 'b'], replyTo: 'one', threadRoot: 'two' };

  it('is that of the same content, in whatever order it is put', () => {
    const { text, fileIds, replyTo, threadRoot } = content;
    expect(contentHash({ threadRoot, replyTo, fileIds: [...fileIds], text })).toEqual(contentHash(content));
    expect(contentHash(content)).toHaveLength(32);
  });

  it('differs in each part', () => {
    const others: Partial<MessageContent>[] = [
      {}, { text: 'Hello' }, { text: 'hello ' }, { text: '' }, { text: null }, { text: 'null' },
      { fileIds: [] }, { fileIds: ['a'] }, { fileIds: ['b', 'a'] }, { fileIds: ['a,b'] }, { fileIds: ['a","b'] },
      { replyTo: null }, { replyTo: 'other' }, { threadRoot: null }, { threadRoot: 'other' }, { replyTo: 'two', threadRoot: 'one' }, { replyTo: null, threadRoot: null },
    ];
    expect(new Set(others.map((changes) => contentHash({ ...content, ...changes }).toString('hex'))).size).toBe(others.length);
  });
});

it('two members have one key, which no others have', () => {
  fc.assert(fc.property(fc.uuid(), fc.uuid(), fc.uuid(), (one, other, third) => {
    fc.pre(new Set([one, other, third]).size === 3);
    expect(dmKeyOf(one, other)).toBe(dmKeyOf(other, one));
    expect(new Set([dmKeyOf(one, other), dmKeyOf(one, third), dmKeyOf(other, third)]).size).toBe(3);
  }));
});

it('a conversation is moderated by its owner and its moderators', () => {
  expect(CONVERSATION_ROLES.filter(moderates)).toEqual(['owner', 'moderator']);
});

describe('adding to a conversation', () => {
  const member: Standing = { role: 'member', mutedUntil: null, bannedUntil: null, lastSentAt: null };
  const open: SendingRules = { posting: 'all', slowModeSeconds: 0, archivedAt: null, isBlocked: false };
  const banned = { code: 'chat.banned', until: '2026-11-23T10:00:00.001Z' };
  const muted = { code: 'chat.muted', until: '2026-11-23T10:00:00.001Z' };
  const slow = (retryAfterSeconds: number) => ({ code: 'chat.slow-mode', retryAfterSeconds });

  it.each<[string, Partial<Standing>, Partial<SendingRules>, object | undefined, object | undefined]>([
    ['by anybody', {}, {}, undefined, undefined],
    ['a millisecond before the end of a ban', { bannedUntil: after(1) }, {}, banned, banned],
    ['at the end of a ban', { bannedUntil: NOW }, {}, undefined, undefined],
    ['a millisecond before the mute is over', { mutedUntil: after(1) }, {}, muted, muted],
    ['when the mute is over', { mutedUntil: NOW }, {}, undefined, undefined],
    ['in an archive', {}, { archivedAt: after(-1) }, { code: 'chat.archived' }, { code: 'chat.archived' }],
    ['to somebody who has blocked', {}, { isBlocked: true }, { code: 'chat.blocked' }, { code: 'chat.blocked' }],
    ['where moderators send', {}, { posting: 'moderators' }, undefined, { code: 'chat.muted' }],
    ['for the first time in slow mode', {}, { slowModeSeconds: 60 }, undefined, undefined],
    ['at once again in slow mode', { lastSentAt: NOW }, { slowModeSeconds: 60 }, undefined, slow(60)],
    ['a millisecond later in slow mode', { lastSentAt: after(-1) }, { slowModeSeconds: 60 }, undefined, slow(60)],
    ['a second later in slow mode', { lastSentAt: after(-1_000) }, { slowModeSeconds: 60 }, undefined, slow(59)],
    ['a millisecond before slow mode ends', { lastSentAt: after(-59_999) }, { slowModeSeconds: 60 }, undefined, slow(1)],
    ['when slow mode ends', { lastSentAt: after(-60_000) }, { slowModeSeconds: 60 }, undefined, undefined],
    ['in slow mode, after what another clock has put into the future', { lastSentAt: after(5_000) }, { slowModeSeconds: 60 }, undefined, slow(65)],
    ['without slow mode, after what another clock has put into the future', { lastSentAt: after(5_000) }, {}, undefined, undefined],
  ])('%s', (_title, standing, rules, toAct, toSend) => {
    expect(said(refusalToAct({ ...member, ...standing }, { ...open, ...rules }, NOW))).toEqual(toAct);
    expect(said(refusalToSend({ ...member, ...standing }, { ...open, ...rules }, NOW))).toEqual(toSend);
    expect(said(refusalToRead({ ...member, ...standing }, NOW))).toEqual(toAct === banned ? banned : undefined);
  });

  /** What stands against it, in the order in which it is said. */
  const against: { standing?: Partial<Standing>; rules?: Partial<SendingRules>; says: object; onlyToSend?: true }[] = [
    { standing: { bannedUntil: after(1) }, says: banned },
    { rules: { archivedAt: NOW }, says: { code: 'chat.archived' } },
    { standing: { mutedUntil: after(1) }, says: muted },
    { rules: { isBlocked: true }, says: { code: 'chat.blocked' } },
    { rules: { posting: 'moderators' }, says: { code: 'chat.muted' }, onlyToSend: true },
    { standing: { lastSentAt: NOW }, rules: { slowModeSeconds: 60 }, says: slow(60), onlyToSend: true },
  ];

  it.each(CONVERSATION_ROLES)('by who is %s, whatever stands against it', (role) => {
    for (let some = 0; some < 2 ** against.length; some += 1) {
      const present = against.filter((_, i) => (some & (1 << i)) !== 0);
      const standing = Object.assign({ ...member, role }, ...present.map((one) => one.standing)) as Standing;
      const rules = Object.assign({ ...open }, ...present.map((one) => one.rules)) as SendingRules;
      const first = (hinders: (one: (typeof against)[number]) => boolean) => present.find(hinders)?.says;
      expect([some, said(refusalToAct(standing, rules, NOW))]).toEqual([some, first(({ onlyToSend }) => !onlyToSend)]);
      expect([some, said(refusalToSend(standing, rules, NOW))]).toEqual([some, first(({ onlyToSend }) => !onlyToSend || role === 'member')]);
    }
  });
});
