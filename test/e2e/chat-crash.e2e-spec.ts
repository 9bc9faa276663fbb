import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { GivenMember } from '../support/app.js';
import { ChatClient, WAYS } from '../support/chat-client.js';
import { chatViolations, storedLog } from '../support/chat-invariants.js';
import { ChatProcesses } from '../support/chat-processes.js';
import { eventually } from '../support/eventually.js';
import type { PlazaProcess } from '../support/process.js';

const CLIENTS = 4;
const SENDS = 800;

describe('messages to processes that end', () => {
  let processes: ChatProcesses;
  let clients: ChatClient[] = [];

  beforeAll(async () => {
    processes = await ChatProcesses.create();
  });
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.disconnect());
    await processes.killAll();
  });
  afterAll(() => processes.close());

  const connect = async (members: readonly GivenMember[], { url }: PlazaProcess): Promise<void> => {
    clients = members.map((member) => new ChatClient(member));
    await Promise.all(clients.map((client, i) => client.connect({ url, way: WAYS[i % WAYS.length]! })));
  };
  const move = async (to: PlazaProcess): Promise<void> => {
    await Promise.all(clients.map((client, i) => client.connect({ url: to.url, way: WAYS[i % WAYS.length]! })));
  };
  const storedCount = async () => Number((await processes.db.database.rows<{ n: number }>('SELECT COUNT(*) AS n FROM chat_message'))[0]!.n);

  /** Sends from all clients, many at a time. @returns the line of the log that each was told */
  async function sendAll(ids: readonly string[]): Promise<{ line: string; duplicate: boolean }[]> {
    const told: { line: string; duplicate: boolean }[] = [];
    let next = 0;
    await Promise.all(Array.from({ length: 48 }, async (_, worker) => {
      const client = clients[worker % clients.length]!;
      for (let i = next++; i < SENDS; i = next++) {
        const { message: { id, seq, senderId, clientId }, duplicate } = await client.send(ids[i % ids.length]!, { text: `${i}` });
        told.push({ line: `${seq} message.created ${id} ${senderId} ${clientId}`, duplicate });
      }
    }));
    return told;
  }

  async function expectOnce(ids: readonly string[], told: readonly { line: string }[]): Promise<void> {
    const logs = new Map(await Promise.all(ids.map(async (id) => [id, (await storedLog(processes.db.database, id)).lines] as const)));
    const sent = [...logs.values()].flat().filter((line) => line.includes('message.created'));
    expect(told).toHaveLength(SENDS);
    expect(sent.sort()).toEqual(told.map(({ line }) => line).sort());
    expect(await chatViolations(processes.db.database)).toEqual([]);
    for (const client of clients) {
      for (const [id, lines] of logs) {
        await eventually(() => expect(client.logs.get(id)?.lines.length).toBe(lines.length), 20_000);
        expect(client.logs.get(id)!.lines).toEqual(lines);
      }
    }
  }

  it.each([['chat.before-commit', false], ['chat.after-commit', true]])('kill -9 at %s, then once more: stored once', async (fault, duplicate) => {
    const sound = await processes.start();
    const [ada, ben] = await processes.members(sound, 2);
    const { id } = await processes.conversation(sound, ada!, [ben!]);
    const client = new ChatClient(ada!);
    for (const way of ['REST', 'socket']) {
      const doomed = await processes.start({ PLAZA_FAULT: fault });
      const draft = { clientId: randomUUID(), text: way };
      const before = await storedCount();
      if (way === 'REST') await expect(client.post(doomed.url, id, draft)).rejects.toThrow();
      else {
        await client.connect({ url: doomed.url, way: 'websocket' });
        const sending = client.send(id, draft);
        expect(await doomed.stopped).toBe('SIGKILL');
        expect([client.outbox.size, await storedCount()]).toEqual([1, before + Number(duplicate)]);
        await client.connect({ url: sound.url, way: 'websocket' });
        expect(await sending).toMatchObject({ duplicate, message: { clientId: draft.clientId } });
        client.disconnect();
      }
      expect(await doomed.stopped).toBe('SIGKILL');
      expect(await client.post(sound.url, id, draft)).toMatchObject({ ok: true, data: { duplicate: duplicate || way === 'socket', message: { text: way } } });
      expect(await storedCount()).toBe(before + 1);
    }
    expect(await chatViolations(processes.db.database)).toEqual([]);
  });

  it.each(['chat.before-commit@12', 'chat.after-commit@12'])('kill -9 at %s under load, beside another process', async (fault) => {
    const sound = await processes.start();
    const members = await processes.members(sound, CLIENTS);
    const ids = await Promise.all([0, 1, 2].map(async (i) => (await processes.conversation(sound, members[i]!, members)).id));
    const doomed = await processes.start({ PLAZA_FAULT: fault });
    await connect(members, doomed);
    // Two stay where nothing happens.
    await Promise.all(clients.slice(2).map((client) => client.connect({ url: sound.url, way: 'websocket' })));
    const told = sendAll(ids);
    expect(await doomed.stopped).toBe('SIGKILL');
    await move(sound);
    await expectOnce(ids, await told);
  }, 120_000);

  it('SIGTERM under load: what was acknowledged is in the log, and nothing twice', async () => {
    const [leaving, staying] = [await processes.start(), await processes.start()];
    const members = await processes.members(staying, CLIENTS);
    const ids = await Promise.all([0, 1].map(async (i) => (await processes.conversation(staying, members[i]!, members)).id));
    await connect(members, leaving);
    const before = await storedCount();
    const told = sendAll(ids);
    await eventually(async () => expect(await storedCount()).toBeGreaterThan(before + 50), 20_000);
    leaving.kill('SIGTERM');
    await move(staying);
    expect(await leaving.stopped).toBe(0);
    await expectOnce(ids, await told);
  }, 120_000);
});
