import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomInt, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Sent } from '../../src/features/chat/messages/messages.types.js';
import { ChatClient, ClientRefused, WAYS, type Way } from '../support/chat-client.js';
import { ChatWorld } from '../support/chat-world.js';
import { seededChance } from '../support/seeded-chance.js';

/** Replays what chance decided. The order in which the machine did it is chance as well. */
const SEED = Number(process.env['CHAT_SEED'] ?? randomInt(2 ** 31 - 1));
const SENDS = Number(process.env['CHAT_SENDS'] ?? 100_000);
const MEMBERS = 8;

let world: ChatWorld;

beforeAll(async () => {
  process.stderr.write(`CHAT_SEED=${SEED}\n`);
  world = await ChatWorld.create(MEMBERS);
});
afterAll(() => world.close());

/** Names the seed in whatever fails. */
async function replayable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`with CHAT_SEED=${SEED}: ${(error as Error).message}`, { cause: error });
  }
}

describe.each(WAYS)('a client by %s', (way: Way) => {
  it('gets everything in order, sends, and comes back to what it missed', async () => {
    const { id } = await world.conversation(0, [1]);
    const [there, here] = [new ChatClient(world.members[0]!), new ChatClient(world.members[1]!)];
    try {
      await Promise.all([there.connect(world.line(1)), here.connect(world.line(0, way))]);
      await Promise.all([...Array(20).keys()].map((i) => (i % 2 === 0 ? here : there).send(id, { text: `${i} \u{1f600}` })));
      here.disconnect();
      await Promise.all([...Array(20).keys()].map((i) => there.send(id, { text: `${i} unheard` })));
      await here.connect(world.line(0, way));
      await here.send(id, { text: 'back' });
      await world.expectAlike(new Map([[id, [here, there]]]));
    } finally {
      [here, there].forEach((client) => client.disconnect());
    }
  });
});

/** What a schedule of faults is played on. */
class Play {
  readonly clients: ChatClient[] = [];
  readonly pending: Promise<void>[] = [];
  readonly sent = new Map<string, Set<string>>();
  readonly out = new Set<string>();
  lostAcknowledgements = 0;
  ids: string[] = [];

  constructor(readonly chance: () => number) {}

  async begin(): Promise<void> {
    this.ids = [(await world.conversation(0, [1, 2])).id, (await world.conversation(1, [0, 2, 3])).id];
    for (let i = 0; i < 4; i += 1) {
      const client = new ChatClient(world.members[i]!);
      client.losesAcknowledgement = () => this.lostAcknowledgements > 0 && this.lostAcknowledgements-- > 0;
      this.clients.push(client);
      await client.connect(world.line(i, WAYS[i % WAYS.length]));
    }
    Object.assign(world.faults, { chance: this.chance, areOn: true, lost: 0.05, held: 0.1 });
  }

  isIn(who: number, conversation: number): boolean {
    return (conversation === 1 || who < 3) && !this.out.has(`${who} ${conversation}`);
  }

  /** Not waited for: what comes next happens in the midst of it. */
  send(who: number, conversation: number, text: string, times: number): void {
    const [client, id, clientId] = [this.clients[who]!, this.ids[conversation]!, randomUUID()];
    const note = ({ message }: Sent) => this.sent.set(clientId, (this.sent.get(clientId) ?? new Set()).add(`${message.seq} message.created ${message.id} ${client.member.id} ${clientId}`));
    const twins = Array.from({ length: times - 1 }, async (_, i) => {
      const { ok, data } = await client.post(world.urls[i % 2]!, id, { clientId, text });
      if (ok) note(data!);
    });
    const sending = client.send(id, { clientId, text }).then(note, (error: unknown) => {
      // They were out when it came.
      if (!(error instanceof ClientRefused) || error.code !== 'not-found') throw error;
    });
    this.pending.push(Promise.all([sending, ...twins]).then(() => undefined));
  }

  /** In the midst of their own sends: those that come too late are refused. */
  async leave(who: number, conversation: number): Promise<void> {
    if (!this.isIn(who, conversation)) return;
    this.out.add(`${who} ${conversation}`);
    await world.leave(who, this.ids[conversation]!);
  }

  async comeBack(who: number, conversation: number): Promise<void> {
    if (this.out.delete(`${who} ${conversation}`)) await world.bringBack(conversation, who, this.ids[conversation]!);
  }

  async settle(): Promise<void> {
    await Promise.all(this.clients.map(async (client, i) => client.isConnected || client.connect(world.line(i))));
    await Promise.all(this.pending);
    world.faults.end();
    for (const conversation of this.ids.keys()) for (const who of this.clients.keys()) await this.comeBack(who, conversation);
    await world.nudge(this.ids, 0);
    await world.expectAlike(new Map(this.ids.map((id, conversation) => [id, this.clients.filter((_, who) => this.isIn(who, conversation))])));
    const lines = this.ids.flatMap((id) => this.clients[0]!.logs.get(id)!.lines).filter((line) => line.includes('message.created'));
    for (const [clientId, told] of this.sent) expect(lines.filter((line) => line.endsWith(clientId))).toEqual([...told]);
    expect(new Set(lines.map((line) => line.split(' ').at(-1))).size).toBe(lines.length);
  }

  end(): void {
    world.faults.end();
    this.clients.forEach((client) => client.disconnect());
  }
}

type Step = fc.AsyncCommand<object, Play>;
const step = (name: string, run: (play: Play) => void | Promise<void>): Step => ({
  check: () => true,
  run: async (_, play) => run(play),
  toString: () => name,
});
const who = fc.nat({ max: 3 });
const where = fc.nat({ max: 1 });
const steps = [
  fc.tuple(who, where, fc.integer({ min: 1, max: 4 })).map(([i, c, times]) => step(`send(${i}, ${c}, ${times})`, (play) => void (play.isIn(i, c) && play.send(i, c, `from ${i}`, times)))),
  fc.tuple(who, where, fc.integer({ min: 5, max: 90 })).map(([i, c, n]) => step(`burst(${i}, ${c}, ${n})`, (play) => {
    if (play.isIn(i, c)) for (let k = 0; k < n; k += 1) play.send(i, c, `${k} from ${i}`, 1);
  })),
  who.map((i) => step(`drop(${i})`, (play) => play.clients[i]!.drop())),
  who.map((i) => step(`disconnect(${i})`, (play) => play.clients[i]!.disconnect())),
  fc.tuple(who, where, fc.constantFrom(...WAYS)).map(([i, process, way]) => step(`connect(${i}, ${process}, ${way})`, (play) => play.clients[i]!.connect(world.line(process, way)))),
  fc.tuple(fc.integer({ min: 2, max: 3 }), where).map(([i, c]) => step(`leave(${i}, ${c})`, (play) => play.leave(i, c))),
  fc.tuple(fc.integer({ min: 2, max: 3 }), where).map(([i, c]) => step(`comeBack(${i}, ${c})`, (play) => play.comeBack(i, c))),
  fc.integer({ min: 1, max: 5 }).map((n) => step(`loseAcknowledgements(${n})`, (play) => void (play.lostAcknowledgements += n))),
];

it('whatever schedule of faults: all logs are the server\'s, and each message is in them once', async () => {
  let last: Play | undefined;
  const property = fc.asyncProperty(fc.commands(steps, { maxCommands: 40, size: 'max' }), fc.nat(), async (commands, seed) => {
    const play = (last = new Play(seededChance(seed)));
    try {
      await play.begin();
      await fc.asyncModelRun(() => ({ model: {}, real: play }), commands);
      await play.settle();
    } finally {
      play.end();
    }
  });
  try {
    // A schedule that fails is made smaller for as long as there is time.
    await replayable(() => fc.assert(property, { seed: SEED, numRuns: 15, interruptAfterTimeLimit: 150_000 }));
  } finally {
    last?.end();
  }
}, 600_000);

it(`${SENDS} sends, of which some are sent again, with faults in all of it`, () => replayable(async () => {
  const chance = seededChance(SEED);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)]!;
  const clients = world.members.map((member) => new ChatClient(member));
  const homes = new Map<ChatClient, string[]>(clients.map((client) => [client, []]));
  const clientsOf = new Map<string, ChatClient[]>();
  for (let i = 0; i < 16; i += 1) {
    const some = [i, i + 1, i + 3].slice(0, i < 12 ? 2 : 3).map((n) => n % MEMBERS);
    const { id } = await world.conversation(some[0]!, some.slice(1));
    clientsOf.set(id, some.map((n) => clients[n]!));
    for (const n of some) homes.get(clients[n]!)!.push(id);
  }
  const told: string[] = [];
  let [begun, twins] = [0, 0];
  // They talk in one conversation for a while, as people do.
  const places = new Map<ChatClient, string>();
  const placeOf = (client: ChatClient): string => {
    if (!places.has(client) || chance() < 0.01) places.set(client, pick(homes.get(client)!));
    return places.get(client)!;
  };
  const sends = () => clients.reduce((sum, client) => sum + client.sends, twins);
  const work = async (client: ChatClient): Promise<void> => {
    while (sends() < SENDS) {
      begun += 1;
      const [id, draft, roll] = [placeOf(client), { clientId: randomUUID(), text: `${begun} שלום \u{1f600}` }, chance()];
      if (roll < 0.05) twins += 1;
      const twin = roll < 0.05 ? client.post(pick(world.urls), id, draft) : undefined;
      const sending = client.send(id, draft);
      if (roll > 0.998) client.drop();
      else if (roll > 0.9965) void client.connect(roll > 0.9968 ? { url: pick(world.urls), way: 'websocket' } : world.anyLine(chance));
      const { message } = await sending;
      const other = await twin;
      if (other?.ok === true && other.data!.message.id !== message.id) throw new Error(`${draft.clientId} is two messages`);
      told.push(`${message.seq} message.created ${message.id} ${client.member.id} ${draft.clientId}`);
    }
  };
  try {
    for (const client of clients) {
      client.losesAcknowledgement = () => chance() < 0.13;
      await client.connect(world.line(0));
    }
    Object.assign(world.faults, { chance, areOn: true, lost: 0.01, held: 0.02 });
    await Promise.all(clients.flatMap((client) => Array.from({ length: 40 }, () => work(client))));
    world.faults.end();
    for (const [id, [first]] of clientsOf) await world.nudge([id], clients.indexOf(first!));
    await world.expectAlike(clientsOf);
    const lines = new Set([...clientsOf].flatMap(([id, [first]]) => first!.logs.get(id)!.lines));
    expect(told.filter((line) => !lines.has(line))).toEqual([]);
    expect(new Set(told.map((line) => line.split(' ').at(-1))).size).toBe(told.length);
    expect([...lines].filter((line) => line.includes('message.created'))).toHaveLength(told.length + clientsOf.size);
  } finally {
    world.faults.end();
    clients.forEach((client) => client.disconnect());
  }
}), 1_800_000);
