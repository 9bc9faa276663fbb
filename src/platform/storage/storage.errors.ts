import { defineError } from '../errors/domain-error.js';

export const storageFull = defineError('storage.full', 'storage-full', 'The storage has no room for this file. The operator has to make room.');
export const storageUnavailable = defineError<{ retryAfterSeconds: number }>('storage.unavailable', 'unavailable', 'The place where files are kept does not answer right now. Try again shortly.');

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Whether the operating system could not write for want of room. */
export const isNoRoom = (error: unknown): boolean => NO_ROOM.has((error as NodeJS.ErrnoException).code ?? '');

/** What was asked of a file, or undefined when there is none. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
