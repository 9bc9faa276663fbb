import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { finding, startClamd, type ClamdStream } from '../../../test/support/clamd.js';
import { eventually } from '../../../test/support/eventually.js';
import { ClamdScanner } from './clamd-scanner.js';
import { EicarScanner } from './eicar-scanner.js';
import { ScannerUnavailable, VirusScan, type Scanner } from './virus-scan.js';

const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
const MIB = 1024 * 1024;

let folder: string;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plaza-scan-'));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await rm(folder, { recursive: true, force: true });
});

async function file(content: string | Buffer): Promise<string> {
  const target = path.join(folder, 'file');
  await writeFile(target, content);
  return target;
}

async function sparse(bytes: number): Promise<string> {
  const target = await file('');
  await truncate(target, bytes);
  return target;
}

const scan = (scanner: Scanner, target: string, signal = new AbortController().signal) => scanner.scan(target, signal);

async function clamd(handle: (stream: ClamdStream) => Promise<void> | void) {
  const server = await startClamd(handle);
  stops.push(() => server.stop());
  return server;
}

describe('the built-in check', () => {
  const scanner = new EicarScanner();

  it.each([
    ['alone', EICAR],
    ['inside text', `dear all,\n${EICAR}\nregards`],
    ['at the end of a file', 'x'.repeat(MIB) + EICAR],
  ])('finds the EICAR test string %s', async (_, content) => {
    expect(await scan(scanner, await file(content))).toBe('infected');
  });

  it('finds it wherever the reads cut it', async () => {
    for (let before = 65_536 - EICAR.length - 1; before <= 65_536 + 1; before += 1) {
      expect(await scan(scanner, await file('x'.repeat(before) + EICAR + 'y'))).toBe('infected');
    }
  });

  it('finds nothing else', async () => {
    for (const content of ['', EICAR.slice(1), EICAR.toLowerCase(), `${EICAR.slice(0, 40)} ${EICAR.slice(40)}`, randomBytes(MIB)]) {
      expect(await scan(scanner, await file(content))).toBe('clean');
    }
  });

  it('ends when told to', async () => {
    await expect(scan(scanner, await file('x'), AbortSignal.abort(new Error('enough')))).rejects.toThrow();
  });
});

describe('clamd', () => {
  it('is sent the whole file and its verdict is taken', async () => {
    let seen = '';
    const { url } = await clamd(async (stream) => {
      seen = createHash('sha256').update(await stream.whole).digest('hex');
      await finding('needle')(stream);
    });
    const clean = randomBytes(3 * MIB + 17);
    expect(await scan(new ClamdScanner(url), await file(clean))).toBe('clean');
    expect(seen).toBe(createHash('sha256').update(clean).digest('hex'));
    expect(await scan(new ClamdScanner(url), await file(Buffer.concat([clean, Buffer.from('needle')])))).toBe('infected');
    expect(await scan(new ClamdScanner(url), await file(''))).toBe('clean');
  });

  it('may answer in pieces, and keep the connection open', async () => {
    const { url } = await clamd(async ({ socket, whole }) => {
      await whole;
      socket.setNoDelay(true);
      for (const piece of ['str', 'eam: Te', 'st FOU', 'ND', '\0']) await new Promise((resolve) => socket.write(piece, resolve));
    });
    expect(await scan(new ClamdScanner(url), await file('x'))).toBe('infected');
  });

  it.each([
    ['stream: OK\0', 'clean'],
    ['stream: OK\n', 'clean'],
    ['stream: Win.Test.EICAR_HDB-1 FOUND\0', 'infected'],
    ['stream: FOUND.OK FOUND\0', 'infected'],
    ['INSTREAM size limit exceeded. ERROR\0', 'unscannable'],
    ['stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0', 'unscannable'],
  ])('answering %j means %s', async (answer, verdict) => {
    const { url } = await clamd(async ({ socket, whole }) => {
      await whole;
      socket.end(answer);
    });
    expect(await scan(new ClamdScanner(url), await file('x'))).toBe(verdict);
  });

  it('may answer in mid-stream and take no more', async () => {
    const { url } = await clamd(async ({ socket, received }) => {
      await eventually(() => expect(received()).toBeGreaterThan(MIB));
      socket.pause();
      socket.end('INSTREAM size limit exceeded. ERROR\0');
    });
    expect(await scan(new ClamdScanner(url), await file(randomBytes(32 * MIB)))).toBe('unscannable');
  });

  it.each(['', '\0', 'UNKNOWN COMMAND\0', 'stream: not OK at all\0', 'stream: Can\'t allocate memory ERROR\0', 'x'.repeat(10_000)])(
    'answering %j is no verdict',
    async (answer) => {
      const { url } = await clamd(async ({ socket, whole }) => {
        await whole;
        socket.end(answer);
      });
      await expect(scan(new ClamdScanner(url), await file('x'))).rejects.toThrow(ScannerUnavailable);
    },
  );

  it('that is not there, closes or resets the connection gives no verdict', async () => {
    const gone = await clamd(() => undefined);
    await gone.stop();
    const closing = await clamd(({ socket }) => void socket.end());
    const resetting = await clamd(async ({ socket, received }) => {
      await eventually(() => expect(received()).toBeGreaterThan(0));
      socket.resetAndDestroy();
    });
    for (const { url } of [gone, closing, resetting]) {
      await expect(scan(new ClamdScanner(url), await file(randomBytes(MIB)))).rejects.toThrow(ScannerUnavailable);
    }
  });

  it('that hangs is given up, in mid-stream or after it', async () => {
    const deaf = await clamd(({ socket }) => void socket.pause());
    const dumb = await clamd(() => undefined);
    for (const { url } of [deaf, dumb]) {
      await expect(scan(new ClamdScanner(url, 50), await file(randomBytes(16 * MIB)))).rejects.toThrow(ScannerUnavailable);
    }
  });

  it('is read no further ahead than it takes', async () => {
    let resume!: () => void;
    const stalled = await clamd(({ socket }) => {
      socket.pause();
      resume = () => socket.resume();
    });
    const before = process.memoryUsage().arrayBuffers;
    const stop = new AbortController();
    const scanning = scan(new ClamdScanner(stalled.url), await sparse(512 * MIB), stop.signal);
    scanning.catch(() => undefined);
    await eventually(() => expect(stalled.connections()).toBe(1));
    // Enough turns of the loop to read the whole file, were it read ahead.
    for (let turn = 0; turn < 5_000; turn += 1) await new Promise(setImmediate);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * MIB);
    stop.abort(new Error('enough'));
    await expect(scanning).rejects.toThrow('enough');
    resume();
    await eventually(() => expect(stalled.connections()).toBe(0));
  });
});

describe('scanners in turn', () => {
  const saying = (verdict: 'clean' | 'infected' | 'unscannable'): Scanner => ({ scan: async () => verdict });
  const failing: Scanner = { scan: async () => Promise.reject(new ScannerUnavailable('away')) };

  it('are asked until one has something to say', async () => {
    expect(await scan(new VirusScan([saying('clean'), saying('clean')]), '')).toBe('clean');
    expect(await scan(new VirusScan([saying('clean'), saying('unscannable')]), '')).toBe('unscannable');
    expect(await scan(new VirusScan([saying('infected'), failing]), '')).toBe('infected');
  });

  it('give no verdict while one is away', async () => {
    await expect(scan(new VirusScan([saying('clean'), failing]), '')).rejects.toThrow(ScannerUnavailable);
  });
});
