import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accepted, callOf, GONE_SECONDS, hungUp, invited, isNews, isPresent, peerDevice, rejected, RING_SECONDS, settled, UNSEEN_SECONDS, type Step } from './call.rules.js';
import type { CallRecord, Participant } from './calls.types.js';

const T0 = new Date('2026-11-23T10:00:00.000Z');
const after = (seconds: number) => new Date(T0.getTime() + seconds * 1_000);
const device = (memberId: string, name = '1') => ({ memberId, device: `${memberId}${name}` });
const joined = (memberId: string, changes: Partial<Participant> = {}): Participant => ({ ...device(memberId), state: 'joined', seenAt: T0, goneAt: null, isMember: true, ...changes });
const none: CallRecord = { id: 'none', conversationId: 'room', callerId: 'm', media: 'audio', state: 'ended', startedAt: T0, ringsUntil: T0, participants: [] };
const ringing: CallRecord = { ...none, id: 'old', state: 'ringing', ringsUntil: after(RING_SECONDS), participants: [joined('m')] };
const active: CallRecord = { ...ringing, state: 'active', participants: [joined('m'), joined('p')] };
const invite = (call: CallRecord, memberId: string, seconds = 1) => invited(call, { ...device(memberId), id: 'new', conversationId: 'room', media: 'video' }, after(seconds));
/** What is left of a step: the call's id, its state and who is in it, why it ended, and what it replaced. */
const shown = ({ call, reason, replaced }: Step) =>
  [call.id, call.state, call.participants.map((one) => `${one.device}${one.state === 'joined' ? '' : '!'}`).sort().join(' '), ...(reason ? [reason] : []), ...(replaced ? [`${replaced.call.id} ${replaced.reason}`] : [])].join(' | ');

describe('a call', () => {
  it.each<[string, Step, string]>([
    ['is begun where there is none', invite(none, 'z'), 'new | ringing | z1'],
    ['stays when somebody with a higher id calls too', invite(ringing, 'z'), 'old | ringing | m1'],
    ['stays when its caller calls again', invite(ringing, 'm'), 'old | ringing | m1'],
    ['gives way to the one of a lower id', invite(ringing, 'a'), 'new | ringing | a1 | old glare'],
    ['stays once somebody has accepted', invite(active, 'a'), 'old | active | m1 p1'],
    ['is begun when the last one has rung out', invite(ringing, 'z', RING_SECONDS), 'new | ringing | z1 | old timeout'],
    ['is begun when all were lost of the last one', invite(active, 'z', UNSEEN_SECONDS), 'new | ringing | z1 | old lost'],
    ['rings until the time is over', settled(ringing, after(RING_SECONDS - 0.001)), 'old | ringing | m1'],
    ['is over when the time is over', settled(ringing, after(RING_SECONDS)), 'old | ended |  | timeout'],
    ['goes on when it was accepted in time', settled(active, after(RING_SECONDS)), 'old | active | m1 p1'],
    ['stays over', settled(none, after(99)), 'none | ended | '],
    ['is joined', accepted(ringing, device('z'), after(1)), 'old | active | m1 z1'],
    ['is joined late', accepted(active, device('z'), after(50)), 'old | active | m1 p1 z1'],
    ['is not joined when it is over', accepted(ringing, device('z'), after(RING_SECONDS)), 'old | ended |  | timeout'],
    ['moves to another device', accepted(active, device('p', '2'), after(1)), 'old | active | m1 p2'],
    ['rings on while the caller changes devices', accepted(ringing, device('m', '2'), after(1)), 'old | ringing | m2'],
    ['is rejected by one of several', rejected(ringing, device('z'), 2, after(1)), 'old | ringing | m1 z1!'],
    ['is over when the only other one rejects', rejected(ringing, device('z'), 1, after(1)), 'old | ended |  | rejected'],
    ['is not rejected by who is in it', rejected(active, device('p', '2'), 1, after(1)), 'old | active | m1 p1'],
    ['goes on when others reject', rejected(active, device('z'), 2, after(1)), 'old | active | m1 p1 z1!'],
    ['is left', hungUp(active, device('p'), after(1)), 'old | active | m1'],
    ['is not left by another device', hungUp(active, device('p', '2'), after(1)), 'old | active | m1 p1'],
    ['is left by another device when the first is gone', hungUp({ ...active, participants: [joined('m'), joined('p', { goneAt: T0 })] }, device('p', '2'), after(1)), 'old | active | m1'],
    ['is over when the caller stops ringing', hungUp(ringing, device('m'), after(1)), 'old | ended |  | hangup'],
    ['is over when the last one goes', hungUp({ ...active, participants: [joined('p')] }, device('p'), after(1)), 'old | ended |  | hangup'],
    ['is nothing to who was never in it', hungUp(active, device('z'), after(1)), 'old | active | m1 p1'],
  ])('%s', (_title, step, expected) => expect(shown(step)).toBe(expected));

  it('is accepted by who rejected it before', () => {
    const { call } = rejected(ringing, device('z'), 2, after(1));
    expect(shown(rejected(call, device('y'), 2, after(2)))).toBe('old | ended |  | rejected');
    expect(shown(accepted(call, device('z'), after(2)))).toBe('old | active | m1 z1');
    expect(rejected(call, device('z'), 2, after(2)).call).toBe(call);
  });

  it('is not ended by rejections of who has left the conversation', () => {
    const { call } = rejected(ringing, device('z'), 3, after(1));
    const without = { ...call, participants: call.participants.map((one) => (one.memberId === 'z' ? { ...one, isMember: false } : one)) };
    expect(shown(rejected(without, device('y'), 2, after(2)))).toBe('old | ringing | m1 y1! z1!');
  });
});

it.each<[string, Partial<Participant>, number, boolean]>([
  ['was just seen', {}, 0, true], ['is still seen', {}, UNSEEN_SECONDS - 0.001, true], ['was not seen for long', {}, UNSEEN_SECONDS, false],
  ['has just gone', { goneAt: T0 }, GONE_SECONDS - 0.001, true], ['is gone', { goneAt: T0 }, GONE_SECONDS, false],
  ['may not read the conversation any more', { isMember: false }, 0, false], ['rejected', { state: 'rejected' }, 0, false],
])('somebody who %s: presence', (_title, changes, seconds, expected) => expect(isPresent(joined('p', changes), after(seconds))).toBe(expected));

it.each<[string, string, string, string | undefined]>([
  ['m1', 'p', 'reaches the device of the other', 'p1'], ['m2', 'p', 'does not come from another device', undefined], ['z1', 'p', 'does not come from outside', undefined],
  ['m1', 'z', 'does not go outside', undefined], ['m1', 'm', 'does not go back', undefined],
])('a signal from %s to %s %s', (from, to, _title, expected) => {
  expect(peerDevice(active, { memberId: from[0]!, device: from }, to, after(1))).toBe(expected);
  expect(peerDevice(active, { memberId: from[0]!, device: from }, to, after(UNSEEN_SECONDS))).toBeUndefined();
});

it('is news when somebody comes, goes, or changes devices, and not when somebody rejects', () => {
  expect([accepted(active, device('z'), after(1)), accepted(active, device('p', '2'), after(1)), hungUp(active, device('p'), after(1)), invite(ringing, 'a')].map(({ call }) => isNews(active, call))).toEqual([true, true, true, true]);
  expect([rejected(active, device('z'), 9, after(1)), accepted(active, device('p'), after(1)), settled(active, after(1))].map(({ call }) => isNews(active, call))).toEqual([false, false, false]);
});

it('shows who is in it, and nobody once it is over', () => {
  expect(callOf({ ...active, participants: [joined('p'), joined('m'), joined('a', { isMember: false })] }, { version: 7 }, after(1))).toEqual({
    id: 'old', conversationId: 'room', callerId: 'm', media: 'audio', state: 'active', startedAt: T0.toISOString(), ringsUntil: after(RING_SECONDS).toISOString(), participants: ['m', 'p'], version: 7,
  });
  expect(callOf(settled(ringing, after(RING_SECONDS)).call, { version: 8 }, after(RING_SECONDS))).toMatchObject({ state: 'ended', participants: [] });
});

/** What a call is to somebody who only counts: who is in, by which device, and when it stops ringing. */
interface Model {
  at: number;
  id: string | undefined;
  callerId: string;
  accepted: boolean;
  ringsUntil: number;
  in: Map<string, string>;
}
interface Real {
  call: CallRecord;
}

function over(model: Model): void {
  if (model.id !== undefined && ((!model.accepted && model.at >= model.ringsUntil) || model.in.size === 0)) Object.assign(model, { id: undefined, in: new Map() });
}

const MEMBERS = ['a', 'b', 'c'];
let ids = 0;

/** One act of somebody, `seconds` after the last one. Everybody who is there is seen all the time. */
class Act implements fc.Command<Model, Real> {
  constructor(
    readonly kind: 'invite' | 'accept' | 'hangUp' | 'wait',
    readonly memberId: string,
    readonly device: string,
    readonly seconds: number,
  ) {}

  check = () => true;

  run(model: Model, real: Real): void {
    model.at += this.seconds;
    const now = after(model.at);
    real.call = { ...real.call, participants: real.call.participants.map((one) => ({ ...one, seenAt: now })) };
    over(model);
    const { memberId } = this;
    const who = device(memberId, this.device);
    if (this.kind === 'invite') this.invite(model, real, now);
    if (this.kind === 'accept') {
      expect(this.step(real, accepted(real.call, who, now)).isIn).toBe(model.id !== undefined);
      if (model.id !== undefined) model.in.set(memberId, who.device);
      if (model.id !== undefined && memberId !== model.callerId) model.accepted = true;
    }
    if (this.kind === 'hangUp') {
      this.step(real, hungUp(real.call, who, now));
      if (model.in.get(memberId) === who.device) model.in.delete(memberId);
      over(model);
    }
    const { call } = settled(real.call, now);
    expect(call.state).toBe(model.id === undefined ? 'ended' : model.accepted ? 'active' : 'ringing');
    if (model.id !== undefined) expect(call.id).toBe(model.id);
    expect(call.participants.map((one) => [one.memberId, one.device]).sort()).toEqual([...model.in].sort());
  }

  toString = () => `${this.kind}(${this.memberId}${this.device}, +${this.seconds})`;

  private invite(model: Model, real: Real, now: Date): void {
    const id = String((ids += 1));
    this.step(real, invited(real.call, { ...device(this.memberId, this.device), id, conversationId: 'room', media: 'audio' }, now));
    if (model.id !== undefined && (model.accepted || this.memberId >= model.callerId)) return;
    Object.assign(model, { id, callerId: this.memberId, accepted: false, ringsUntil: model.at + RING_SECONDS, in: new Map([[this.memberId, `${this.memberId}${this.device}`]]) });
  }

  private step<S extends Step>(real: Real, step: S): S {
    real.call = step.call;
    return step;
  }
}

it('there is one call at a time, as everybody counts it', () => {
  const acts = fc.tuple(fc.constantFrom('invite' as const, 'accept' as const, 'hangUp' as const, 'wait' as const), fc.constantFrom(...MEMBERS), fc.constantFrom('1', '2'), fc.constantFrom(0, 1, 20, 30));
  const commands = fc.commands([acts.map((parts) => new Act(...parts))], { maxCommands: 40 });
  fc.assert(
    fc.property(commands, (run) => {
      fc.modelRun(() => ({ model: { at: 0, id: undefined, callerId: '', accepted: false, ringsUntil: 0, in: new Map() } as Model, real: { call: none } }), run);
    }),
    { numRuns: 300 },
  );
});
