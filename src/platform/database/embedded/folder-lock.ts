import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseBootError } from '../database-boot.error.js';
import { isAlive, myself, type ProcessIdentity } from './process-identity.js';

const POLL_MS = 25;

/**
 * Takes an exclusive lock that lives in a file, for work between processes before there is a database.
 * A lock whose holder has died counts as free.
 *
 * @param onWait called once, after two seconds of waiting
 * @returns the release
 * @throws DatabaseBootError when a living process holds the lock for longer than `patienceMs`
 */
export async function lockFile(file: string, patienceMs: number, onWait: () => void = () => undefined): Promise<() => Promise<void>> {
  const claim = JSON.stringify({ ...(await myself()), token: randomUUID() });
  const draft = `${file}.${process.pid}.${randomUUID()}`;
  await writeFile(draft, claim, { mode: 0o600 });
  try {
    const started = Date.now();
    let told = false;
    // A link fails when the name exists, and the file appears with its whole content: never half a claim.
    while (!(await linked(draft, file))) {
      await removeIfStale(file);
      if (Date.now() - started > patienceMs) throw new DatabaseBootError(`${file} is held by another Plaza process.`);
      if (!told && Date.now() - started > 2_000) {
        told = true;
        onWait();
      }
      await sleep(POLL_MS);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return async () => {
    if ((await contentOf(file)) === claim) await rm(file, { force: true });
  };
}

async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeIfStale(file: string): Promise<void> {
  const seen = await contentOf(file);
  if (seen === undefined || (await isHeld(seen))) return;
  // Two finders of one stale lock: what is moved away may already be the other's fresh claim. Then it goes back.
  const aside = `${file}.stale.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await contentOf(aside)) !== seen) await linked(aside, file);
  await rm(aside, { force: true });
}

async function isHeld(content: string): Promise<boolean> {
  try {
    return await isAlive(JSON.parse(content) as ProcessIdentity);
  } catch {
    return false;
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
