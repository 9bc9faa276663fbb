import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from '../../../platform/errors/domain-error.js';
import type { ChatMessage } from '../chat.types.js';
import type { Standing } from '../chat.rules.js';
import { checkDeletion, checkEmoji, EDIT_WINDOW_HOURS, isChangedBy, isReactionChanged, MOST_EMOJIS } from './message-acts.rules.js';
import type { HeldMessage } from './message-acts.types.js';

const NOW = new Date(Date.UTC(2026, 0, 2, 12));
const LATER = new Date(NOW.getTime() + 1);
const MEMBER: Standing = { role: 'member', mutedUntil: null, bannedUntil: null, lastSentAt: NOW };
const MESSAGE: ChatMessage = {
  id: 'm', conversationId: 'c', no: 1, seq: 3, senderId: 'ben', clientId: 'x', text: 'hello', version: 4, createdAt: NOW.toISOString(), editedAt: null, deleted: false,
  replyTo: null, threadRoot: null, mentions: [], files: [], reactions: [{ emoji: '👍', count: 1, memberIds: ['ben'] }],
};
const FILE = { id: 'f', name: 'a', mediaType: 'text/plain', bytes: 1, width: null, height: null };

interface Circumstances { message?: Partial<ChatMessage>; standing?: Partial<Standing> | null; conversation?: Partial<HeldMessage['conversation']>; isBlocked?: boolean }

function held({ message, standing, conversation, isBlocked = false }: Circumstances = {}): HeldMessage {
  return {
    message: { ...MESSAGE, ...message }, standing: standing === null ? undefined : { ...MEMBER, ...standing }, isBlocked,
    conversation: { id: 'c', kind: 'group', epoch: 1, lastSeq: 9, lastNo: 5, slowModeSeconds: 60, posting: 'all', archivedAt: null, now: NOW, ...conversation },
  };
}

/** What is answered, or the code of what is thrown. */
function outcomeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.code;
  }
}

const ago = (ms: number) => ({ createdAt: new Date(NOW.getTime() - ms).toISOString() });
const WINDOW_MS = EDIT_WINDOW_HOURS * 3_600_000;

describe('an edit', () => {
  const edit = { text: 'bye', version: 4 };
  it.each<[string, Circumstances, { text: string | null; version: number }, unknown]>([
    ['of the version that there is', {}, edit, true],
    ['that says what is there', {}, { text: 'hello', version: 4 }, false],
    ['whose answer was lost', {}, { text: 'hello', version: 3 }, false],
    ['that says what is there, of an older version', {}, { text: 'hello', version: 2 }, 'chat.stale-version'],
    ['that says what is there, of a newer version', {}, { text: 'hello', version: 5 }, 'chat.stale-version'],
    ['of an older version', {}, { text: 'bye', version: 3 }, 'chat.stale-version'],
    ['of a newer version', {}, { text: 'bye', version: 5 }, 'chat.stale-version'],
    ['by an outsider', { standing: null }, edit, 'not-found'],
    ['by an outsider, of a deleted one', { standing: null, message: { deleted: true } }, edit, 'not-found'],
    ['of a deleted one', { message: { deleted: true, text: null } }, edit, 'not-found'],
    ['of another\'s', { message: { senderId: 'ada' } }, edit, 'auth.forbidden'],
    ['of another\'s, by an owner', { message: { senderId: 'ada' }, standing: { role: 'owner' } }, edit, 'auth.forbidden'],
    ['under a ban', { standing: { bannedUntil: LATER } }, edit, 'chat.banned'],
    ['under a ban, of another\'s', { standing: { bannedUntil: LATER }, message: { senderId: 'ada' } }, edit, 'chat.banned'],
    ['under a ban, that says what is there', { standing: { bannedUntil: LATER } }, { text: 'hello', version: 4 }, 'chat.banned'],
    ['after a ban', { standing: { bannedUntil: NOW } }, edit, true],
    ['when muted', { standing: { mutedUntil: LATER } }, edit, 'chat.muted'],
    ['when muted, whose answer was lost', { standing: { mutedUntil: LATER } }, { text: 'hello', version: 3 }, false],
    ['by a moderator who is muted', { standing: { mutedUntil: LATER, role: 'moderator' } }, edit, 'chat.muted'],
    ['in an archive', { conversation: { archivedAt: NOW } }, edit, 'chat.archived'],
    ['where moderators send', { conversation: { posting: 'moderators' } }, edit, 'chat.muted'],
    ['where moderators send, by one', { conversation: { posting: 'moderators' }, standing: { role: 'moderator' } }, edit, true],
    ['to somebody who has blocked', { isBlocked: true }, edit, 'chat.blocked'],
    ['at the last moment', { message: ago(WINDOW_MS) }, edit, true],
    ['too late', { message: ago(WINDOW_MS + 1) }, edit, 'chat.edit-window'],
    ['too late, by a moderator', { message: ago(WINDOW_MS + 1), standing: { role: 'moderator' } }, edit, true],
    ['too late, by an owner', { message: ago(WINDOW_MS + 1), standing: { role: 'owner' } }, edit, true],
    ['that leaves nothing', {}, { text: ' ', version: 4 }, 'chat.empty'],
    ['that leaves a file', { message: { files: [FILE] } }, { text: null, version: 4 }, true],
    ['that says too much', {}, { text: 'x'.repeat(8_001), version: 4 }, 'chat.too-long'],
  ])('%s', (_, circumstances, wanted, expected) => {
    expect(outcomeOf(() => isChangedBy('ben', wanted, held(circumstances)))).toBe(expected);
  });
});

describe('a deletion', () => {
  const ben = { memberId: 'ben', isModerator: false, isReported: false };
  it.each<[string, Circumstances, object, unknown]>([
    ['of one\'s own', {}, {}, undefined],
    ['of one\'s own, when muted', { standing: { mutedUntil: LATER } }, {}, undefined],
    ['of one\'s own, in an archive', { conversation: { archivedAt: NOW } }, {}, undefined],
    ['of one\'s own, under a ban', { standing: { bannedUntil: LATER } }, {}, 'chat.banned'],
    ['of one\'s own, from outside', { standing: null }, {}, 'not-found'],
    ['of one\'s own that was reported, from outside', { standing: null }, { isReported: true }, 'not-found'],
    ['of another\'s', { message: { senderId: 'ada' } }, {}, 'auth.forbidden'],
    ['of another\'s that was reported', { message: { senderId: 'ada' } }, { isReported: true }, 'auth.forbidden'],
    ['by an owner', { message: { senderId: 'ada' }, standing: { role: 'owner' } }, {}, undefined],
    ['by a moderator', { message: { senderId: 'ada' }, standing: { role: 'moderator' } }, {}, undefined],
    ['by a moderator under a ban', { message: { senderId: 'ada' }, standing: { role: 'moderator', bannedUntil: LATER } }, {}, 'chat.banned'],
    ['by a moderator of the community', { message: { senderId: 'ada' } }, { isModerator: true }, undefined],
    ['by a moderator of the community from outside', { message: { senderId: 'ada' }, standing: null }, { isModerator: true }, 'not-found'],
    ['by a moderator of the community from outside, of what was reported', { message: { senderId: 'ada' }, standing: null }, { isModerator: true, isReported: true }, undefined],
    ['by a moderator of the community under a ban, of what was reported', { message: { senderId: 'ada' }, standing: { bannedUntil: LATER } }, { isModerator: true, isReported: true }, undefined],
  ])('%s', (_, circumstances, who, expected) => {
    expect(outcomeOf(() => checkDeletion({ ...ben, ...who }, held(circumstances)))).toBe(expected);
  });
});

describe('a reaction', () => {
  const full = { reactions: Array.from({ length: MOST_EMOJIS }, (_, i) => ({ emoji: String(i), count: 1, memberIds: ['ada'] })) };
  it.each<[string, Circumstances, { emoji: string; on: boolean; isSet?: true }, unknown]>([
    ['that is new', {}, { emoji: '🎉', on: true }, true],
    ['that is there', {}, { emoji: '👍', on: true, isSet: true }, false],
    ['taken back', {}, { emoji: '👍', on: false, isSet: true }, true],
    ['taken back that is not there', {}, { emoji: '🎉', on: false }, false],
    ['of an outsider', { standing: null }, { emoji: '🎉', on: true }, 'not-found'],
    ['on what is deleted', { message: { deleted: true } }, { emoji: '🎉', on: true }, 'not-found'],
    ['under a ban', { standing: { bannedUntil: LATER } }, { emoji: '🎉', on: true }, 'chat.banned'],
    ['taken back under a ban', { standing: { bannedUntil: LATER } }, { emoji: '👍', on: false, isSet: true }, 'chat.banned'],
    ['when muted', { standing: { mutedUntil: LATER } }, { emoji: '🎉', on: true }, 'chat.muted'],
    ['taken back when muted', { standing: { mutedUntil: LATER } }, { emoji: '👍', on: false, isSet: true }, true],
    ['in an archive', { conversation: { archivedAt: NOW } }, { emoji: '🎉', on: true }, 'chat.archived'],
    ['taken back in an archive', { conversation: { archivedAt: NOW } }, { emoji: '👍', on: false, isSet: true }, true],
    ['where moderators send', { conversation: { posting: 'moderators' } }, { emoji: '🎉', on: true }, true],
    ['to somebody who has blocked', { isBlocked: true }, { emoji: '🎉', on: true }, 'chat.blocked'],
    ['with one emoji too many', { message: full }, { emoji: '🎉', on: true }, 'chat.too-many-emojis'],
    ['with an emoji of others, of as many as there may be', { message: full }, { emoji: '7', on: true }, true],
  ])('%s', (_, circumstances, wanted, expected) => {
    expect(outcomeOf(() => isReactionChanged({ isSet: false, ...wanted }, held(circumstances)))).toBe(expected);
  });
});

describe('an emoji', () => {
  it.each(['👍', '👍🏿', '❤️', '1️⃣', '🇩🇪', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '👩🏻‍❤️‍💋‍👩🏼', '🏳️‍🌈'])('is %s', (emoji) => expect(outcomeOf(() => checkEmoji(emoji))).toBeUndefined());
  it.each(['', 'a', '1', '#', '👍👍', '❤', '🇩', ' 👍', '👍 ', '👍\n', '\ufe0f', '\u200d', '👩‍', '\ud83d'])('is not %j', (text) => expect(outcomeOf(() => checkEmoji(text))).toBe('request.invalid'));

  it('is one, not two', () => {
    const emojis = fc.constantFrom('👍', '❤️', '🇩🇪', '👩‍👩‍👧‍👦', '1️⃣', '🎉');
    fc.assert(fc.property(fc.array(emojis, { minLength: 2, maxLength: 4 }), (some) => {
      expect(outcomeOf(() => checkEmoji(some.join('')))).toBe('request.invalid');
    }));
  });

  it('is no plain text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), (text) => {
      expect(outcomeOf(() => checkEmoji(text))).toBe('request.invalid');
    }));
  });
});
