import { notFound, requestInvalid } from '../../platform/errors/house.errors.js';
import { fileDeleted, fileExpired } from './uploads.errors.js';
import type { FileRecord } from './uploads.types.js';

export const MIB = 1024 * 1024;

/** What is looked at to tell a file's type: its first bytes, the same through every door. */
export const HEAD_BYTES = 64 * 1024;

/** Unfinished uploads of a member, so that rows and side files are bounded where bytes are not yet. */
export const MAX_UNFINISHED = 1_000;

/** The quota of a file of unknown size grows by this much at a time. */
export const RESERVE_STEP = 8 * MIB;

/** Workers that may be lost on a file, or fail at it, before it is rejected. */
export const MAX_ATTEMPTS = 3;

/** How long the books remember what was deleted, expired or rejected. */
export const FORGET_AFTER_DAYS = 30;

const FIRST_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 300;

/** How long a file waits to be looked at again, the n-th time it has to. */
export const waitSeconds = (n: number): number => Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (n - 1));

const NAME_BYTES = 255;
/** Would break paths and headers, or turn `fdp.exe` into `exe.pdf` for whoever reads it. */
const HOSTILE = /[\p{Cc}\p{Cs}/\\\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/u;

/** What is wrong with a file's name; undefined when it can be taken. */
function nameFault(name: string): string | undefined {
  if (name.trim() === '' || name === '.' || name === '..') return 'must be a name';
  if (Buffer.byteLength(name) > NAME_BYTES) return `must be at most ${NAME_BYTES} bytes of UTF-8`;
  if (HOSTILE.test(name)) return 'must not contain slashes, control characters or marks of writing direction';
  return undefined;
}

/** @throws requestInvalid when the name cannot be taken */
export function assertName(name: string): void {
  const message = nameFault(name);
  if (message !== undefined) throw requestInvalid({ errors: [{ path: 'name', message }] });
}

/** The folder of all files in the storage. */
export const UPLOADS = 'uploads';

/** The folder of one file. A member's text is no part of it. */
export const folderOf = (fileId: string): string => `${UPLOADS}/${fileId}`;

/** The file that an object in the folder of all files belongs to. */
export const fileIdOf = (key: string): string => key.split('/')[1] ?? '';

/** Where the bytes of a file are kept as they came in. */
export const bodyKeyOf = (fileId: string): string => `${folderOf(fileId)}/body`;

/** Where a client puts the bytes itself, and may do so again for as long as its URL is good: they are copied from there before anybody looks at them. */
export const incomingKeyOf = (fileId: string): string => `${folderOf(fileId)}/incoming`;

/** Where something made from a file is kept. @param random so that a worker that comes back late touches nobody else's */
export const objectKeyOf = (fileId: string, kind: string, random: string): string => `${folderOf(fileId)}/${kind}-${random}`;

/** How much to set aside for a file of unknown size that has come to `bytes`. */
export const reserveFor = (bytes: number): number => Math.ceil(bytes / RESERVE_STEP) * RESERVE_STEP;

/**
 * A file that is still there for its owner.
 *
 * @throws notFound when there is none; fileDeleted, fileExpired
 */
export function assertPresent(record: FileRecord | undefined): FileRecord {
  if (!record) throw notFound();
  if (record.state === 'deleted') throw fileDeleted();
  if (record.state === 'expired') throw fileExpired();
  return record;
}
