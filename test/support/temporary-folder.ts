import { statfsSync } from 'node:fs';
import os from 'node:os';

const NEEDED_BYTES = 1024 ** 3;

/** Where tests put databases: in memory when there is room. A container's /dev/shm may be 64 MB, which a server fills by starting. */
export function temporaryFolder(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > NEEDED_BYTES) return '/dev/shm';
  } catch {
    // Not Linux.
  }
  return os.tmpdir();
}
