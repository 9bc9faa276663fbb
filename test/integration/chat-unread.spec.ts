import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import type { Sent } from '../../src/features/chat/messages/messages.types.js';
import { Database } from '../../src/platform/database/database.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { givenConversation } from '../support/chat.js';
import { chatViolations } from '../support/chat-invariants.js';

const MEMBERS = 4;
const WHO = fc.nat(MEMBERS - 1);
/** The first one is the owner, and stays. */
const GUEST = fc.integer({ min: 1, max: MEMBERS - 1 });
const CALLED = fc.uniqueArray(WHO, { maxLength: 2 });

const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('send' as const), who: WHO, called: CALLED }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('read' as const), who: WHO, part: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), message: fc.nat(20), called: CALLED }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), message: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), who: GUEST }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('come back' as const), who: GUEST }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('block' as const), who: WHO, whom: WHO }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unblock' as const), who: WHO, whom: WHO }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

interface ModelMessage {
  readonly id: string;
  readonly seq: number;
  readonly sender: number;
  called: readonly number[];
  version: number;
  deleted: boolean;
}

/** What is unread, by the rules and without a database: messages after what I have read, not mine, not deleted, from nobody whom I have blocked, after I joined. */
class UnreadModel {
  seq = MEMBERS;
  readonly messages: ModelMessage[] = [];
  readonly parts = Array.from({ length: MEMBERS }, (_, i) => ({ isIn: true, joinedSeq: i + 1, readSeq: i + 1, blocked: new Set<number>() }));

  send(id: string, sender: number, called: readonly number[]): ModelMessage {
    this.seq += 1;
    const message = { id, seq: this.seq, sender, called, version: 1, deleted: false };
    this.messages.push(message);
    this.parts[sender]!.readSeq = this.seq;
    return message;
  }

  comeBack(who: number): void {
    this.seq += 1;
    Object.assign(this.parts[who]!, { isIn: true, joinedSeq: this.seq, readSeq: this.seq });
  }

  /** What a member is told. */
  of(who: number): { unread: number; mentions: number; myReadSeq: number; lastSeq: number } {
    const { readSeq, joinedSeq, blocked } = this.parts[who]!;
    const unread = this.messages.filter(({ seq, sender, deleted }) => seq > readSeq && seq > joinedSeq && sender !== who && !deleted && !blocked.has(sender));
    return { unread: unread.length, mentions: unread.filter(({ called }) => called.includes(who)).length, myReadSeq: readSeq, lastSeq: this.seq };
  }
}

let app: TestApp;
let members: GivenMember[];

beforeAll(async () => {
  app = await createTestApp();
  members = await Promise.all(Array.from({ length: MEMBERS }, () => app.given.member()));
});
afterAll(() => app.close());

/** The feature and the model side by side. */
class World {
  private readonly model = new UnreadModel();

  private constructor(private readonly id: string) {}

  static async create(): Promise<World> {
    for (const [who, { auth }] of members.entries()) for (const { id } of members.filter((_, i) => i !== who)) await app.http.delete(`/api/chat/blocks/${id}`).set(auth).expect(204);
    return new World((await givenConversation(app, members[0]!, members.slice(1))).id);
  }

  async step(op: Operation): Promise<void> {
    const { model } = this;
    switch (op.do) {
      case 'send': {
        if (!model.parts[op.who]!.isIn) return this.expectRefused(op.who);
        const { body } = await this.call('post', `conversations/${this.id}/messages`, op.who, { clientId: randomUUID(), text: textOf(op.called) }, 201);
        expect((body as Sent).message.seq).toBe(model.send((body as Sent).message.id, op.who, op.called).seq);
        return;
      }
      case 'read': {
        const part = model.parts[op.who]!;
        if (!part.isIn) return this.expectRefused(op.who);
        const seq = Math.round(op.part * model.seq);
        part.readSeq = Math.max(part.readSeq, seq);
        await this.call('put', `conversations/${this.id}/read`, op.who, { seq }, 200);
        return;
      }
      case 'edit': {
        const message = model.messages[op.message];
        if (message === undefined || message.deleted || !model.parts[message.sender]!.isIn) return;
        await this.call('patch', `messages/${message.id}`, message.sender, { text: `${textOf(op.called)} ${message.version}`, version: message.version }, 200);
        Object.assign(message, { called: op.called, version: message.version + 1 });
        model.seq += 1;
        return;
      }
      case 'delete': {
        const message = model.messages[op.message];
        if (message === undefined) return;
        // By the owner, and twice.
        for (let time = 0; time < 2; time += 1) await this.call('delete', `messages/${message.id}`, 0, undefined, 204);
        if (!message.deleted) model.seq += 1;
        message.deleted = true;
        return;
      }
      case 'leave':
        if (model.parts[op.who]!.isIn) model.seq += 1;
        model.parts[op.who]!.isIn = false;
        await this.call('delete', `conversations/${this.id}/members/${members[op.who]!.id}`, 0, undefined, 204);
        return;
      case 'come back':
        if (!model.parts[op.who]!.isIn) model.comeBack(op.who);
        await this.call('post', `conversations/${this.id}/members`, 0, { memberIds: [members[op.who]!.id] }, 200);
        return;
      case 'block':
      case 'unblock':
        if (op.who === op.whom) return;
        model.parts[op.who]!.blocked[op.do === 'block' ? 'add' : 'delete'](op.whom);
        await this.call(op.do === 'block' ? 'put' : 'delete', `blocks/${members[op.whom]!.id}`, op.who, undefined, 204);
    }
  }

  async check(): Promise<void> {
    for (const [who, { isIn }] of this.model.parts.entries()) {
      const { body } = await app.http.get('/api/chat/conversations?limit=100').set(members[who]!.auth).expect(200);
      const listed = (body.items as Conversation[]).find(({ id }) => id === this.id);
      if (!isIn) expect(listed).toBeUndefined();
      else expect({ who, ...listed }).toMatchObject({ who, ...this.model.of(who) });
    }
  }

  private async call(method: 'post' | 'put' | 'patch' | 'delete', path: string, who: number, body: object | undefined, status: number): Promise<{ body: unknown }> {
    return app.http[method](`/api/chat/${path}`).set(members[who]!.auth).send(body).expect((answer) => expect([method, path, answer.status, answer.text]).toEqual([method, path, status, answer.text]));
  }

  private async expectRefused(who: number): Promise<void> {
    await this.call('put', `conversations/${this.id}/read`, who, { seq: 1 }, 404);
  }
}

const textOf = (called: readonly number[]): string => `hello ${called.map((i) => `<@${members[i]!.id}>`).join(' ')}`;

it('random operations leave as much unread, and as many mentions, as a small model of the rules', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 20, maxLength: 40, size: 'max' }), async (operations) => {
      const world = await World.create();
      for (const op of operations) {
        await world.step(op);
        await world.check();
      }
    }),
    { numRuns: 12 },
  );
  expect(await chatViolations(app.app.get(Database))).toEqual([]);
}, 180_000);
