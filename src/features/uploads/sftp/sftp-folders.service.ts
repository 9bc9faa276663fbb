import { buffer } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { FileContents, type ServedFile } from '../serving/file-contents.service.js';
import { OwnFiles } from '../serving/own-files.service.js';
import type { FilePurpose, FileRecord, FileState } from '../uploads.types.js';
import { SftpRefusal } from './sftp.errors.js';
import { distinctNames, placeOf, SFTP_FOLDERS, type SftpPlace } from './sftp.rules.js';

/** Older files are found over HTTP. */
const MOST_LISTED = 1_000;
/** More than can be connected at once. */
const MEMBERS = 1_000;

/** One line of a folder. */
export interface SftpEntry {
  readonly name: string;
  readonly size: number;
  readonly at: Date;
  /** Absent for a folder. */
  readonly file?: FileRecord;
}

/** What is still coming in has no size, and what was rejected is as good as gone. */
const LISTED: ReadonlySet<FileState> = new Set(['processing', 'ready']);

const ROOT: SftpEntry = { name: '/', size: 0, at: new Date(0) };

/** A member's own files as folders: what was put for no purpose in the root, the rest below it. */
@Injectable()
export class SftpFolders {
  private readonly readings = new LRUCache<string, SharedReading<readonly FileRecord[]>>({ max: MEMBERS });

  constructor(
    private readonly own: OwnFiles,
    private readonly contents: FileContents,
  ) {}

  /** The newest first. @throws SftpRefusal when it is no folder */
  async list(memberId: string, path: string): Promise<SftpEntry[]> {
    const place = existing(path);
    if (place.kind !== 'folder') throw new SftpRefusal('NO_SUCH_FILE', 'There is no such folder.');
    return this.entries(memberId, place.purpose);
  }

  /** @throws SftpRefusal when nothing is there */
  async get(memberId: string, path: string): Promise<SftpEntry> {
    const place = existing(path);
    if (place.kind === 'folder') return ROOT;
    const found = (await this.entries(memberId, place.purpose)).find(({ name, file }) => name === place.name && file !== undefined);
    if (found === undefined) throw new SftpRefusal('NO_SUCH_FILE', 'There is no such file.');
    return found;
  }

  /** The bytes that are served of a file. @throws SftpRefusal when there is no such file; fileNotReady */
  async open(memberId: string, path: string): Promise<ServedFile> {
    const { id } = await this.file(memberId, path);
    return this.contents.own(memberId, id);
  }

  /** At most `length` bytes from `offset` on, which lies inside the file. */
  async read(file: ServedFile, offset: number, length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0);
    return buffer(await file.open({ start: offset, end: Math.min(offset + length, file.bytes) - 1 }));
  }

  /** @throws SftpRefusal */
  async remove(memberId: string, path: string): Promise<void> {
    const { id } = await this.file(memberId, path);
    await this.own.delete(memberId, id);
  }

  /**
   * Gives a file another name, as clients do that put under a name for unfinished ones first. What a file is
   * for was decided when it came, so it stays in its folder.
   *
   * @throws SftpRefusal; requestInvalid for a name that cannot be taken
   */
  async rename(memberId: string, from: string, to: string): Promise<void> {
    const [old, place] = [existing(from), existing(to)];
    if (place.kind !== 'file' || place.purpose !== old.purpose) throw new SftpRefusal('PERMISSION_DENIED', 'A file stays in its folder: put it into the other one.');
    const { id } = await this.file(memberId, from);
    await this.own.rename(memberId, id, place.name);
  }

  private async file(memberId: string, path: string): Promise<FileRecord> {
    const { file } = await this.get(memberId, path);
    if (file === undefined) throw new SftpRefusal('PERMISSION_DENIED', 'The folders are as they are.');
    return file;
  }

  private async entries(memberId: string, purpose: FilePurpose): Promise<SftpEntry[]> {
    const folders: SftpEntry[] = purpose === 'generic' ? SFTP_FOLDERS.map((name) => ({ ...ROOT, name })) : [];
    const files = (await this.readingOf(memberId).get()).filter((file) => file.purpose === purpose && LISTED.has(file.state));
    const names = distinctNames(files.map(({ name }) => name), folders.map(({ name }) => name));
    return [...folders, ...files.map((file, index) => ({ name: names[index]!, size: file.size ?? 0, at: file.createdAt, file }))];
  }

  private readingOf(memberId: string): SharedReading<readonly FileRecord[]> {
    const known = this.readings.get(memberId) ?? new SharedReading(async () => (await this.own.list(memberId, { limit: MOST_LISTED })).items);
    this.readings.set(memberId, known);
    return known;
  }
}

/**
 * Reads once for all who wait for it: clients send hundreds of requests without waiting for an answer. Who comes
 * while a reading is at work waits for the next one, as something may have changed since it began.
 */
class SharedReading<T> {
  private working: Promise<unknown> = Promise.resolve();
  private next: Promise<T> | undefined;

  constructor(private readonly read: () => Promise<T>) {}

  get(): Promise<T> {
    this.next ??= this.working.then(() => {
      this.next = undefined;
      const reading = this.read();
      this.working = reading.catch(() => undefined);
      return reading;
    });
    return this.next;
  }
}

/** @throws SftpRefusal for a path that no file can have */
function existing(path: string): SftpPlace {
  const place = placeOf(path);
  if (place === undefined) throw new SftpRefusal('NO_SUCH_FILE', `There are no folders but ${SFTP_FOLDERS.join(', ')}.`);
  return place;
}
