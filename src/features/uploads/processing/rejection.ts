import type { FileRejection } from '../uploads.types.js';

/** The file itself is the reason why it is not taken: looking again would find the same. */
export class Rejection extends Error {
  override readonly name = 'Rejection';

  /** @param why for the log */
  constructor(
    readonly code: FileRejection,
    why: string,
    options?: ErrorOptions,
  ) {
    super(why, options);
  }
}

/** True when an operation of the machine failed (no room, too many open files, the file is gone): that says nothing of the file. */
export function isMachineFault(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).syscall !== undefined || /unix error|system error|out of memory|input file is missing/i.test((error as Error).message);
}
