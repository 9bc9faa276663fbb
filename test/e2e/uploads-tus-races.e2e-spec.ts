import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { GivenMember } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { startProcess } from '../support/process.js';
import { idOf, tusOf, type TusReply } from '../support/tus.js';
import { sha256Of } from '../support/uploads-files.js';
import { openUploads, type UploadsHarness } from '../support/uploads-harness.js';
import { testDatabaseUrl } from '../support/database.js';

const KIB = 1024;
const refusal = ({ status, code }: TusReply) => [status, code];

/** Two processes on the same data, of which each may take any request. */
let here: UploadsHarness;
let there: UploadsHarness;
let dataDir: string;
let member: GivenMember;
let tus: ReturnType<typeof tusOf>;
let elsewhere: ReturnType<typeof tusOf>;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-tus-'));
  here = await openUploads({ DATA_DIR: dataDir });
  there = await openUploads({ DATA_DIR: dataDir, APP_SECRET: here.secret });
});
beforeEach(async () => {
  member = await here.given.member();
  [tus, elsewhere] = [tusOf(here.url, member), tusOf(there.url, member)];
});
afterEach(async () => expect(await here.violations()).toEqual([]));
afterAll(async () => {
  await there.close();
  await here.close();
  await rm(dataDir, { recursive: true, force: true });
});

const expectFile = async (address: string, bytes: Buffer) => {
  const file = await here.until(idOf(address));
  expect(file).toMatchObject({ state: 'ready', size: bytes.length, sha256: sha256Of(bytes) });
  expect(sha256Of(await here.served(file))).toBe(sha256Of(bytes));
};
/** A request that is at work on an upload and will not end by itself. */
const stuck = async (address: string, bytes: Buffer, of: number, at = tus) => {
  const request = at.connect(address, 0, of);
  request.socket.write(bytes);
  // On the disk and not only on its way: what is written is the size of the file.
  await eventually(async () => expect((await here.storage.find(`uploads/${idOf(address)}/body`))?.bytes).toBe(bytes.length));
  return request;
};

describe.each([['the same process', () => tus], ['another process', () => elsewhere]])('a request that is stuck, with a newcomer in %s', (_, newcomer) => {
  it('ends for a HEAD, and what it brought is kept', async () => {
    const bytes = randomBytes(600 * KIB);
    const address = await tus.begin(bytes.length);
    const old = await stuck(address, bytes.subarray(0, 200 * KIB), bytes.length);
    expect(await newcomer().offset(address)).toBe(200 * KIB);
    await eventually(() => expect(old.answer()).toMatch(/^HTTP\/1.1 204 [\s\S]*upload-offset: 204800/i));
    // It goes on sending what nobody waits for any more.
    old.socket.write(randomBytes(1000));
    expect((await newcomer().patch(address, 200 * KIB, bytes.subarray(200 * KIB))).status).toBe(204);
    old.socket.destroy();
    await expectFile(address, bytes);
  });

  it('ends for a PATCH', async () => {
    const bytes = randomBytes(600 * KIB);
    const address = await tus.begin(bytes.length);
    const old = await stuck(address, bytes.subarray(0, 200 * KIB), bytes.length);
    expect((await newcomer().patch(address, 200 * KIB, bytes.subarray(200 * KIB))).status).toBe(204);
    expect(old.answer()).toMatch(/^HTTP\/1.1 204 /);
    old.socket.destroy();
    await expectFile(address, bytes);
  });

  it('ends for a DELETE, and nothing is left', async () => {
    const address = await tus.begin(600 * KIB);
    const old = await stuck(address, randomBytes(200 * KIB), 600 * KIB);
    expect((await newcomer().delete(address)).status).toBe(204);
    old.socket.write(randomBytes(100 * KIB));
    await eventually(() => expect(old.answer()).toMatch(/^HTTP\/1.1 (204|410) /));
    old.socket.destroy();
    expect(await here.quota(member)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
    expect((await here.objects()).filter((key) => key.includes(idOf(address)))).toEqual([]);
  });
});

describe('uploads', () => {
  it('that are deleted as files while their last bytes come are refused as deleted', async () => {
    const address = await tus.begin(200 * KIB);
    const request = await stuck(address, randomBytes(100 * KIB), 200 * KIB);
    await here.remove(idOf(address));
    request.socket.write(randomBytes(100 * KIB));
    await eventually(() => expect(request.answer()).toMatch(/^HTTP\/1.1 410 [\s\S]*file\.deleted/));
    request.socket.destroy();
    expect(await here.quota(member)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
    expect((await here.objects()).filter((key) => key.includes(idOf(address)))).toEqual([]);
  });

  it('are written by one of those who come at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [mine, others] = [randomBytes(300 * KIB), randomBytes(300 * KIB)];
      const address = await tus.begin(mine.length);
      const replies = await Promise.all([mine, others, mine, others].map((bytes, n) => (n < 2 ? tus : elsewhere).patch(address, 0, bytes)));
      for (const reply of replies) expect([[204, undefined], [409, 'tus.offset'], [423, 'tus.locked']]).toContainEqual(refusal(reply));
      const wrote = replies.map((reply) => Number(reply.header('upload-offset') ?? 0)).filter((offset) => offset > 0);
      expect(wrote.length).toBe(1);
      const offset = await tus.offset(address);
      expect(offset).toBe(wrote[0]);
      await tus.patch(address, offset, mine.subarray(offset));
      const file = await here.until(idOf(address));
      expect(file.sha256).toBe(sha256Of(await here.served(file)));
    }
  });

  it('keep what came when the client goes away at any byte', async () => {
    const bytes = randomBytes(500 * KIB);
    const address = await tus.begin(bytes.length);
    for (let offset = 0, round = 0; round < 8; round += 1) {
      const cut = randomInt(offset, bytes.length);
      const { socket, closed } = tus.connect(address, offset, bytes.length - offset);
      socket.write(bytes.subarray(offset, cut));
      for (let n = randomInt(20); n > 0; n -= 1) await turn();
      socket.destroy();
      await closed;
      const reached = await (round % 2 ? tus : elsewhere).offset(address);
      expect(reached).toBeGreaterThanOrEqual(offset);
      expect(reached).toBeLessThanOrEqual(cut);
      offset = reached;
    }
    const offset = await tus.offset(address);
    expect((await elsewhere.patch(address, offset, bytes.subarray(offset))).status).toBe(204);
    await expectFile(address, bytes);
  });

  it('wait for a holder that is dead, and no longer', async () => {
    const address = await tus.begin(4);
    await here.transactions.run((tx) => tx.write('UPDATE tus_upload SET turn = turn + 1, lease_until = UTC_TIMESTAMP(3) + INTERVAL 2 SECOND WHERE file_id = ?', [idOf(address)]));
    expect((await tus.patch(address, 0, 'abcd')).status).toBe(204);
  });

  it('are 423 as long as a holder does not end', async () => {
    const address = await tus.begin(4);
    await here.transactions.run((tx) => tx.write('UPDATE tus_upload SET turn = turn + 1, lease_until = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE file_id = ?', [idOf(address)]));
    const replies = await Promise.all([tus.head(address), tus.patch(address, 0, 'abcd'), elsewhere.delete(address)]);
    expect(replies.map(({ status, code }) => [status, code])).toEqual([[423, undefined], [423, 'tus.locked'], [423, 'tus.locked']]);
    expect(replies[0]!.header('retry-after')).toBe('1');
  }, 15_000);

  it('are what their sender meant, whatever the sequence of requests', async () => {
    const step = fc.record({ process: fc.boolean(), bytes: fc.nat(120 * KIB), fault: fc.constantFrom('none', 'none', 'cut', 'offset', 'look', 'checksum', 'pieces') });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 * KIB }), fc.boolean(), fc.array(step, { maxLength: 8 }), async (size, deferred, steps) => {
        const bytes = randomBytes(size);
        const address = await tus.begin(deferred ? undefined : size);
        let offset = 0;
        for (const { process, bytes: length, fault } of steps) {
          const at = process ? tus : elsewhere;
          const end = Math.min(offset + length, size - 1);
          const chunk = bytes.subarray(offset, end);
          if (fault === 'offset') expect(refusal(await at.patch(address, offset + 1, chunk))).toEqual([409, 'tus.offset']);
          else if (fault === 'checksum') expect((await at.patch(address, offset, chunk, { 'Upload-Checksum': 'sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=' })).status).toBe(460);
          else if (fault === 'cut') {
            const { socket, closed } = at.connect(address, offset, chunk.length + 1);
            socket.write(chunk);
            await turn();
            socket.destroy();
            await closed;
          } else if (fault !== 'look') expect((await at.patch(address, offset, chunk)).header('upload-offset')).toBe(String(end));
          const reached = await (process ? elsewhere : tus).offset(address);
          if (fault === 'cut') expect(reached >= offset && reached <= end).toBe(true);
          else expect(reached).toBe(['none', 'pieces'].includes(fault) ? end : offset);
          offset = reached;
        }
        const last = await tus.patch(address, offset, bytes.subarray(offset), deferred ? { 'Upload-Length': String(size) } : {});
        expect(last.status).toBe(204);
        await expectFile(address, bytes);
      }),
      { numRuns: 20 },
    );
  }, 60_000);
});

describe('a process that shuts down', () => {
  it('keeps what has come and says so', async () => {
    const ending = await openUploads({ DATA_DIR: dataDir, APP_SECRET: here.secret });
    const bytes = randomBytes(600 * KIB);
    const address = await tus.begin(bytes.length);
    const old = await stuck(address, bytes.subarray(0, 200 * KIB), bytes.length, tusOf(ending.url, member));
    await ending.close();
    expect(old.answer()).toMatch(/^HTTP\/1.1 204 [\s\S]*upload-offset: 204800/i);
    old.socket.destroy();
    expect((await tus.patch(address, 200 * KIB, bytes.subarray(200 * KIB))).status).toBe(204);
    await expectFile(address, bytes);
  });
});

describe('a process that was stopped for a while', () => {
  it('does not write over what others have written meanwhile', async () => {
    const stale = await startProcess({ DATABASE_URL: testDatabaseUrl(), DATA_DIR: dataDir, APP_SECRET: here.secret, UPLOAD_WORKERS: '0' });
    try {
      const bytes = randomBytes(800 * KIB);
      const address = await tus.begin(bytes.length);
      const old = await stuck(address, bytes.subarray(0, 100 * KIB), bytes.length, tusOf(stale.url, member));
      stale.kill('SIGSTOP');
      // Waits in the sockets until the process goes on.
      old.socket.write(randomBytes(300 * KIB));
      expect((await tus.patch(address, 100 * KIB, bytes.subarray(100 * KIB))).status).toBe(204);
      stale.kill('SIGCONT');
      await eventually(() => expect(old.answer()).toMatch(/^HTTP\/1.1 423 /));
      old.socket.destroy();
      await expectFile(address, bytes);
    } finally {
      stale.kill('SIGKILL');
      await stale.stopped;
    }
  }, 30_000);
});
