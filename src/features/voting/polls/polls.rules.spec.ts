import { describe, expect, it } from '@jest/globals';
import { PermissionSet } from '../../../platform/auth/permission-set.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { POLL_STATES, type Poll } from '../poll.types.js';
import { checkEditOfOpen, checkSettings, checkTimes, edited, isDue, rightsOf } from './polls.rules.js';
import type { PollAct, PollEdit, PollSettings } from './polls.types.js';

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));
const NOW = at(12);

const POLL: Poll = {
  id: 'p', title: 'Which?', description: null, method: 'single', candidates: [{ id: 'a', name: 'Ada', description: null, withdrawn: false }], electorate: 'all', edition: 1, allowChange: false,
  secrecy: 'named', results: 'live', opensAt: at(10), closesAt: at(14), quorum: null, maxScore: 5, seedCommitment: '', seed: null, createdBy: null, createdAt: at(9), ended: null, version: 1, state: 'open', readAt: NOW,
};

/** `code`, `code at path`, or undefined when nothing is thrown. */
function faultOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { path, errors, fields } = error.details as { path?: string; errors?: { path: string }[]; fields?: string[] };
    const place = path ?? errors?.[0]?.path ?? fields?.join();
    return place === undefined ? error.code : `${error.code} at ${place}`;
  }
}

it.each<[PollAct, ...string[]]>([
  // draft, open, closed, certified, cancelled
  ['edit', 'due', 'due', 'poll.ended', 'poll.ended', 'poll.ended'],
  ['open', 'due', 'done', 'poll.not-draft', 'poll.not-draft', 'poll.not-draft'],
  ['close', 'poll.not-open', 'due', 'done', 'done', 'poll.ended'],
  ['certify', 'poll.not-closed', 'poll.not-closed', 'due', 'done', 'poll.not-closed'],
  ['cancel', 'due', 'due', 'poll.ended', 'poll.ended', 'done'],
  ['withdraw', 'due', 'due', 'due', 'poll.ended', 'poll.ended'],
])('%s is due, done or refused by the state of the poll', (act, ...expected) => {
  expect(POLL_STATES.map((state) => faultOf(() => isDue(act, state)) ?? (isDue(act, state) ? 'due' : 'done'))).toEqual(expected);
});

it.each<[string, PollEdit, Date | null, string | undefined]>([
  ['its description', { description: 'x' }, at(14), undefined],
  ['to close later', { closesAt: at(15) }, at(14), undefined],
  ['to close when it does', { closesAt: at(14) }, at(14), undefined],
  ['to close at some time', { closesAt: at(13) }, null, undefined],
  ['to stay open until it is closed, as it does', { closesAt: null }, null, undefined],
  ['not to close sooner', { closesAt: at(13) }, at(14), 'poll.not-editable at closesAt'],
  ['not to stay open for ever', { closesAt: null }, at(14), 'poll.not-editable at closesAt'],
  ['nothing else, whatever comes with it', { closesAt: at(15), title: 'x', description: 'x' }, at(14), 'poll.not-editable at title'],
])('an open poll can be changed: %s', (_, edit, closesAt, expected) => {
  expect(faultOf(() => checkEditOfOpen({ closesAt }, edit, Object.keys(edit)))).toBe(expected);
});

it.each<[string, Pick<PollSettings, 'opensAt' | 'closesAt'>, string | undefined]>([
  ['none', {}, undefined],
  ['none, said so', { opensAt: null, closesAt: null }, undefined],
  ['past opening', { opensAt: at(1) }, undefined],
  ['the next moment', { closesAt: new Date(NOW.getTime() + 1) }, undefined],
  ['now', { closesAt: NOW }, 'poll.invalid at closesAt'],
  ['open for a moment', { opensAt: at(13), closesAt: new Date(at(13).getTime() + 1) }, undefined],
  ['open for no time', { opensAt: at(13), closesAt: at(13) }, 'poll.invalid at closesAt'],
  ['the last year there is', { closesAt: new Date('9998-12-31T23:59:59.999Z') }, undefined],
  ['the year that stands for never', { closesAt: new Date('9999-01-01T00:00:00Z') }, 'poll.invalid at closesAt'],
])('times: %s', (_, times, expected) => {
  expect(faultOf(() => checkTimes(times, NOW))).toBe(expected);
});

it.each<[string, Partial<PollSettings>, string | undefined]>([
  ['a plain poll', {}, undefined],
  ['names that differ in case', { candidates: [{ name: 'Ada' }, { name: 'ada' }] }, undefined],
  ['a name that comes back', { candidates: [{ name: 'Ada' }, { name: 'Ben' }, { name: 'Ada' }] }, 'request.invalid at candidates.2.name'],
  ['a list', { electorate: 'list', memberIds: ['m'] }, undefined],
  ['a list of nobody knows whom', { electorate: 'list' }, 'request.invalid at memberIds'],
  ['members for nothing', { electorate: 'public', memberIds: ['m'] }, 'request.invalid at memberIds'],
  ['changes in secret', { secrecy: 'secret', allowChange: true }, 'poll.secret-final'],
  ['percent of the members', { quorum: { percent: 5 } }, undefined],
  ['percent of the public', { electorate: 'public', quorum: { percent: 5 } }, 'poll.invalid at quorum.percent'],
  ['so many of the public', { electorate: 'public', quorum: { min: 5 } }, undefined],
])('settings: %s', (_, settings, expected) => {
  expect(faultOf(() => checkSettings({ ...POLL, ...settings }))).toBe(expected);
});

describe('an edited draft', () => {
  const LISTED = { ...POLL, electorate: 'list' } as const;

  it.each<[string, Poll, PollEdit, string[] | undefined]>([
    ['keeps its list', LISTED, { title: 'x' }, ['m', 'n']],
    ['gets another', LISTED, { memberIds: ['o'] }, ['o']],
    ['loses it with the electorate', LISTED, { electorate: 'all' }, undefined],
    ['gets one with the electorate', POLL, { electorate: 'list', memberIds: ['o'] }, ['o']],
    ['has none that was left behind', { ...LISTED, electorate: 'all' }, { electorate: 'list' }, undefined],
  ])('%s', (_, poll, edit, expected) => {
    expect(edited(poll, ['m', 'n'], edit).memberIds).toEqual(expected);
  });

  it('keeps what is not named', () => {
    expect(edited(POLL, [], { title: 'x', quorum: null })).toMatchObject({ title: 'x', quorum: null, method: 'single', opensAt: POLL.opensAt });
  });
});

describe('what somebody can do', () => {
  const member = { memberId: 'm', permissions: PermissionSet.of(['polls.read', 'polls.vote']) };
  const reader = { memberId: 'm', permissions: PermissionSet.of(['polls.read']) };

  it.each([
    ['a member', member, {}, false, { vote: true, change: false, seeResults: true }],
    ['who has voted', member, {}, true, { vote: false, change: false, seeResults: true }],
    ['who has voted and may think better of it', member, { allowChange: true }, true, { vote: false, change: true, seeResults: true }],
    ['who is not on the list', member, { electorate: 'list' as const }, false, { vote: false, change: false, seeResults: true }],
    ['who has voted and then was taken off it', member, { electorate: 'list' as const, allowChange: true }, true, { vote: false, change: false, seeResults: true }],
    ['of a closed poll', member, { state: 'closed' as const, allowChange: true }, true, { vote: false, change: false, seeResults: true }],
    ['a reader', reader, { allowChange: true }, false, { vote: false, change: false, seeResults: true }],
    ['a reader who has voted', reader, { allowChange: true }, true, { vote: false, change: false, seeResults: true }],
    ['a device', { deviceId: 'd' }, { electorate: 'public' as const }, false, { vote: true, change: false, seeResults: true }],
    ['a guest', {}, { electorate: 'public' as const }, false, { vote: false, change: false, seeResults: true }],
    ['who wants to see before voting', member, { results: 'after-vote' as const }, false, { vote: true, change: false, seeResults: false }],
    ['who sees after voting', member, { results: 'after-vote' as const }, true, { vote: false, change: false, seeResults: true }],
  ])('%s', (_, viewer, poll, hasVoted, expected) => {
    expect(rightsOf(viewer, { ...POLL, ...poll }, { hasVoted, isListed: false })).toEqual(expected);
  });
});
