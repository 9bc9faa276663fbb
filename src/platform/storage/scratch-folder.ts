import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { unlessMissing } from './storage.errors.js';

/** What is half done is worked on for minutes; what lies there for longer was left by a process that was killed. */
const LEFT_AFTER_MS = 60 * 60_000;

/** Makes a folder for what is half done, and removes from it what was left there. Other processes may use it, too. */
export async function openScratchFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const left = path.join(folder, name);
    const found = await unlessMissing(stat(left));
    if (found && Date.now() - found.mtimeMs > LEFT_AFTER_MS) await rm(left, { recursive: true, force: true });
  }
}
