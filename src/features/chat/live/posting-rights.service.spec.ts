import { expect, it } from '@jest/globals';
import type { Database } from '../../../platform/database/database.js';
import type { ChatEvent } from '../chat.types.js';
import type { ConversationRepository } from '../conversations/conversation.repository.js';
import type { MembershipRepository, Part } from '../conversations/membership.repository.js';
import type { ConversationFeed } from '../log/conversation-feed.service.js';
import { PostingRights } from './posting-rights.service.js';

const part = { conversationId: 'c', memberId: 'ada' };

function start() {
  const asked: Part[] = [];
  const state = { mutedUntil: null as Date | null, isAway: false };
  const members = {
    find: async (_: Database, one: Part) => {
      asked.push(one);
      if (state.isAway) throw new Error('away');
      return { ...one, role: 'member', mutedUntil: state.mutedUntil, bannedUntil: null, now: new Date(0) };
    },
    isBlockedDm: async () => false,
  } as unknown as MembershipRepository;
  const conversations = { settings: async () => ({ kind: 'group', posting: 'all', slowModeSeconds: 60, archivedAt: null }) } as unknown as ConversationRepository;
  let hear: (event: ChatEvent) => void = () => undefined;
  const feed = { onEvent: (listener: typeof hear) => void (hear = listener) } as unknown as ConversationFeed;
  const rights = new PostingRights({} as Database, members, conversations, feed);
  return { rights, asked, state, changed: (memberId: string) => hear({ type: 'member.changed', conversationId: 'c', data: { memberId } } as ChatEvent) };
}

it('are asked for once, also by many at once, and for each member and conversation', async () => {
  const { rights, asked } = start();
  await Promise.all(Array.from({ length: 20 }, () => rights.check(part)));
  await rights.check(part);
  expect(asked).toEqual([part]);
  for (const other of [{ ...part, memberId: 'ben' }, { ...part, conversationId: 'd' }]) await rights.check(other);
  expect(asked).toHaveLength(3);
});

it('are asked for anew when they were changed', async () => {
  const { rights, asked, state, changed } = start();
  await rights.check(part);
  state.mutedUntil = new Date(1);
  changed('ben');
  await rights.check(part);
  changed('ada');
  await expect(rights.check(part)).rejects.toMatchObject({ code: 'chat.muted' });
  await expect(rights.check(part)).rejects.toMatchObject({ code: 'chat.muted' });
  expect(asked).toHaveLength(2);
});

it('are asked for anew when nobody answered', async () => {
  const { rights, state } = start();
  state.isAway = true;
  await expect(rights.check(part)).rejects.toThrow('away');
  state.isAway = false;
  await rights.check(part);
});
