import { expect } from '@jest/globals';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import { ChatSockets } from '../../src/features/chat/log/chat-sockets.js';
import type { Sent } from '../../src/features/chat/messages/messages.types.js';
import type { Config } from '../../src/platform/config/config.js';
import { Database } from '../../src/platform/database/database.js';
import { ProcessBus } from '../../src/platform/realtime/process-bus.js';
import { createTestApp, type GivenMember, type TestApp } from './app.js';
import { givenConversation } from './chat.js';
import { ChatClient, type Line, type Way, WAYS } from './chat-client.js';
import { chatViolations, storedLog } from './chat-invariants.js';
import { eventually } from './eventually.js';

const TOLD_AT_LAST = 0.3;
/** Longer than a client waits for an acknowledgement. */
const ALIKE_WITHIN_MS = 20_000;

/** What goes wrong on the way, as often as chance says. */
export class Faults {
  /** Publishing is without fault while this is off. */
  areOn = false;
  chance: () => number = Math.random;
  /** Of what is published, how much is lost, and how much comes late. */
  lost = 0.05;
  held = 0.1;
  private late: (() => void)[] = [];

  /** Does it now, later and in another order, or never. */
  pass(effect: () => void): void {
    if (!this.areOn) return effect();
    const roll = this.chance();
    if (roll >= this.lost + this.held) effect();
    else if (roll >= this.lost) this.late.push(effect);
    while (this.late.length > 0 && this.chance() < TOLD_AT_LAST) this.late.splice(Math.floor(this.chance() * this.late.length), 1)[0]!();
  }

  /** From now on everything arrives, and what is late arrives last. */
  end(): void {
    this.areOn = false;
    for (const effect of this.late.splice(0)) effect();
  }
}

class FaultySockets extends ChatSockets {
  constructor(private readonly faults: Faults) {
    super();
  }

  override toRoom(room: string | string[], event: string, payload: object): void {
    if (event === 'event') this.faults.pass(() => super.toRoom(room, event, payload));
    else super.toRoom(room, event, payload);
  }
}

/** Tells the other applications of this test process, unless a fault has it. */
class FaultyBus extends ProcessBus {
  private readonly ears = new Map<string, (payload: never, processId: string) => void>();

  constructor(
    private readonly faults: Faults,
    private readonly all: FaultyBus[],
  ) {
    super({} as Config);
    all.push(this);
  }

  override publish(topic: string, payload: unknown): void {
    const text = JSON.stringify(payload);
    for (const other of this.all) {
      if (other !== this) this.faults.pass(() => setImmediate(() => other.ears.get(topic)?.(JSON.parse(text) as never, this.processId)));
    }
  }

  override on<Payload>(topic: string, listener: (payload: Payload, processId: string) => void): void {
    this.ears.set(topic, listener);
  }
}

/** Two processes on one database, which tell each other and their sockets what happens, but not reliably. */
export class ChatWorld {
  readonly faults = new Faults();
  readonly apps: TestApp[] = [];
  readonly members: GivenMember[] = [];

  static async create(members: number): Promise<ChatWorld> {
    const world = new ChatWorld();
    const buses: FaultyBus[] = [];
    for (let i = 0; i < 2; i += 1) {
      const secret = world.apps[0] && { APP_SECRET: world.apps[0].secret };
      world.apps.push(await createTestApp({ ...secret, LOG_LEVEL: 'silent' }, [], (builder) =>
        builder.overrideProvider(ChatSockets).useValue(new FaultySockets(world.faults)).overrideProvider(ProcessBus).useValue(new FaultyBus(world.faults, buses))));
    }
    for (let i = 0; i < members; i += 1) world.members.push(await world.apps[0]!.given.member());
    return world;
  }

  get urls(): string[] {
    return this.apps.map(({ url }) => url);
  }

  line(process: number, way: Way = 'websocket'): Line {
    return { url: this.urls[process % 2]!, way };
  }

  anyLine(chance: () => number): Line {
    return this.line(Math.floor(chance() * 2), WAYS[Math.floor(chance() * WAYS.length)]);
  }

  conversation(owner: number, others: readonly number[]): Promise<Conversation> {
    return givenConversation(this.apps[0]!, this.members[owner]!, others.map((i) => this.members[i]!));
  }

  async leave(who: number, conversationId: string): Promise<void> {
    const { id, auth } = this.members[who]!;
    await this.apps[who % 2]!.http.delete(`/api/chat/conversations/${conversationId}/members/${id}`).set(auth).expect(204);
  }

  async bringBack(owner: number, who: number, conversationId: string): Promise<void> {
    await this.apps[who % 2]!.http.post(`/api/chat/conversations/${conversationId}/members`).set(this.members[owner]!.auth).send({ memberIds: [this.members[who]!.id] }).expect(({ status }) => expect(status).toBeLessThan(300));
  }

  /** One more message in each conversation, which nothing holds up: by its number a client sees what it has missed. */
  async nudge(conversationIds: readonly string[], sender: number): Promise<Sent[]> {
    const clients = [new ChatClient(this.members[sender]!)];
    return Promise.all(conversationIds.map(async (id) => {
      const { ok, data, error } = await clients[0]!.post(this.urls[0]!, id, { clientId: crypto.randomUUID(), text: 'and that was all' });
      if (!ok) throw new Error(error!.code);
      return data!;
    }));
  }

  /** Every client holds exactly what is stored of each conversation that it is in. */
  async expectAlike(clientsOf: ReadonlyMap<string, readonly ChatClient[]>): Promise<void> {
    const database = this.apps[0]!.app.get(Database);
    for (const [id, clients] of clientsOf) {
      const stored = await storedLog(database, id);
      expect(stored.lines.map((line) => Number(line.split(' ')[0]))).toEqual(stored.lines.map((_, i) => i + 1));
      for (const client of clients) {
        await eventually(() => expect(client.logs.get(id)?.seq).toBe(stored.lines.length), ALIKE_WITHIN_MS);
        const log = client.logs.get(id)!;
        // Logs may be long: what differs is looked for where something does.
        if (log.lines.join() !== stored.lines.join()) expect(log.lines).toEqual(stored.lines);
        const differing = [...stored.messages].filter(([messageId, { text, deleted }]) => {
          const held = log.messages.get(messageId);
          return held?.text !== text || held.deleted !== deleted;
        });
        expect([client.member.id, log.messages.size, differing]).toEqual([client.member.id, stored.messages.size, []]);
      }
    }
    expect(await chatViolations(database)).toEqual([]);
  }

  async close(): Promise<void> {
    for (const { close } of this.apps) await close();
  }
}
