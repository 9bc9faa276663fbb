import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockFile } from './folder-lock.js';

describe('lockFile', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'plaza-lock-'));
    file = path.join(folder, 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('lets one in at a time and leaves no file behind', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const release = await lockFile(file, 10_000);
        most = Math.max(most, (inside += 1));
        await new Promise(setImmediate);
        inside -= 1;
        await release();
      }),
    );
    expect(most).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('gives up on a living holder when patience ends', async () => {
    const release = await lockFile(file, 1_000);
    await expect(lockFile(file, 100)).rejects.toThrow('held by another Plaza process');
    await release();
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ['a process that has ended', JSON.stringify({ pid: 2 ** 22 + 1, started: '1' })],
    ['another process under the old number', JSON.stringify({ pid: process.pid, started: '0' })],
    ['nobody, with a torn file', '{"pid":'],
  ])('takes over from %s, and lets one in at a time', async (_holder, content) => {
    writeFileSync(file, content);
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        const release = await lockFile(file, 10_000);
        most = Math.max(most, (inside += 1));
        await new Promise(setImmediate);
        inside -= 1;
        await release();
      }),
    );
    expect(most).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not remove a lock that another has taken since', async () => {
    const release = await lockFile(file, 1_000);
    writeFileSync(file, 'of another');
    await release();
    expect(existsSync(file)).toBe(true);
  });
});
