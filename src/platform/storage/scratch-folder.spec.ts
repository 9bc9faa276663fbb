import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { openScratchFolder } from './scratch-folder.js';

it('a scratch folder is made, and loses what was left there for more than an hour', async () => {
  const base = await mkdtemp(path.join(tmpdir(), 'plaza-scratch-'));
  const folder = path.join(base, 'a/scratch');
  try {
    await openScratchFolder(folder);
    for (const [name, minutes] of [['old', 61], ['young', 59]] as const) {
      await mkdir(path.join(folder, name));
      await writeFile(path.join(folder, name, 'half'), 'x');
      await writeFile(path.join(folder, `${name}.txt`), 'x');
      const then = new Date(Date.now() - minutes * 60_000);
      for (const entry of [name, `${name}.txt`]) await utimes(path.join(folder, entry), then, then);
    }
    await openScratchFolder(folder);
    expect((await readdir(folder)).sort()).toEqual(['young', 'young.txt']);
  } finally {
    await rm(base, { recursive: true });
  }
});
