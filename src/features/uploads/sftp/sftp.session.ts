import { Logger } from '@nestjs/common';
import ssh2, { type Attributes, type FileEntry, type SFTPWrapper } from 'ssh2';
import type { Login } from '../../../platform/auth/logins.js';
import { Permission, type PermissionName } from '../../../platform/auth/permissions.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { requestInvalid, type InvalidField } from '../../../platform/errors/house.errors.js';
import type { ServedFile } from '../serving/file-contents.service.js';
import { PutBody, PutWindow } from './put-body.stream.js';
import type { SftpEntry, SftpFolders } from './sftp-folders.service.js';
import type { SftpInflow } from './sftp.inflow.js';
import type { Put, SftpPuts } from './sftp-puts.service.js';
import { SftpRefusal } from './sftp.errors.js';
import { absolutePath, longName, placeOf } from './sftp.rules.js';

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp;

/** Open files and folders of a session. */
const MOST_HANDLES = 16;
const NAMES_AT_ONCE = 100;
/** What clients ask for at once; a longer READ gets this much and asks again. */
const READ_BYTES = 32 * 1024;
/** Answers that the client's window has no room for: one that reads none of them is no client. */
const MOST_UNREAD = 1_000;

const FOLDER_MODE = 0o040700;
const FILE_MODE = 0o100600;

/** What a handle stands for. */
type Opened =
  | { readonly kind: 'put'; readonly put: Put }
  | { readonly kind: 'file'; readonly file: ServedFile }
  | { readonly kind: 'folder'; readonly unread: SftpEntry[] };

/** What a session needs of the door. */
export interface SftpHouse {
  readonly login: Login;
  readonly puts: SftpPuts;
  readonly folders: SftpFolders;
  readonly inflow: SftpInflow;
  /** Ends the whole connection. */
  leave(): void;
}

/** One SFTP session of a member: turns requests into calls, and what came of them into answers. */
export class SftpSession {
  private readonly logger = new Logger('sftp');
  private readonly handles = new Map<number, Opened>();
  private readonly window = new PutWindow();
  private opening = 0;
  private lastHandle = 0;
  private ended = false;
  /** Who signed in may not be here any more: shown out with the answer. */
  private outdated = false;

  constructor(
    private readonly sftp: SFTPWrapper,
    private readonly house: SftpHouse,
  ) {
    sftp.on('OPEN', (id: number, path: string, flags: number) => this.answer(id, () => this.open(id, path, flags)));
    sftp.on('READ', (id: number, handle: Buffer, offset: number, length: number) => this.answer(id, () => this.read(id, handle, offset, length)));
    sftp.on('WRITE', (id: number, handle: Buffer, offset: number, data: Buffer) => void this.write(id, handle, offset, data));
    sftp.on('CLOSE', (id: number, handle: Buffer) => this.answer(id, () => this.close(id, handle)));
    sftp.on('FSTAT', (id: number, handle: Buffer) => this.answer(id, () => this.statHandle(id, handle)));
    sftp.on('FSETSTAT', (id: number, handle: Buffer, attributes: Partial<Attributes>) => this.answer(id, () => this.setHandle(id, handle, attributes)));
    sftp.on('OPENDIR', (id: number, path: string) => this.answer(id, () => this.openFolder(id, path)));
    sftp.on('READDIR', (id: number, handle: Buffer) => this.answer(id, () => this.readFolder(id, handle)));
    for (const request of ['STAT', 'LSTAT'] as const) sftp.on(request as 'STAT', (id: number, path: string) => this.answer(id, () => this.stat(id, path)));
    sftp.on('SETSTAT', (id: number, path: string, attributes: Partial<Attributes>) => this.answer(id, () => this.set(id, path, attributes)));
    sftp.on('REALPATH', (id: number, path: string) => this.answer(id, async () => this.sftp.name(id, [bare(absolutePath(path))])));
    sftp.on('REMOVE', (id: number, path: string) => this.answer(id, () => this.remove(id, path)));
    sftp.on('RENAME', (id: number, from: string, to: string) => this.answer(id, () => this.rename(id, from, to)));
    // The rest (links, making and removing folders) is answered by the library: not supported.
    sftp.on('error', (error: Error) => this.logger.debug(`not SFTP: ${error.message}`));
    sftp.on('end', () => {
      this.end();
      sftp.end();
    });
  }

  /** The client is gone: nothing is kept of what it has not closed. */
  end(): void {
    this.ended = true;
    for (const opened of this.handles.values()) if (opened.kind === 'put') opened.put.body.destroy();
    this.handles.clear();
  }

  private answer(id: number, work: () => Promise<void>): void {
    this.house.inflow.asked();
    void work()
      .catch((error: unknown) => this.refuse(id, error))
      .finally(() => {
        this.house.inflow.answered();
        this.assertRead();
        if (this.outdated) this.house.leave();
      });
  }

  private assertRead(): void {
    // The library keeps them without a bound, and tells nobody how many.
    if ((this.sftp as unknown as { _buffer: unknown[] })._buffer.length > MOST_UNREAD) this.house.leave();
  }

  private refuse(id: number, error: unknown): void {
    if (error instanceof SftpRefusal) this.sftp.status(id, STATUS_CODE[error.status], error.message);
    else if (error instanceof DomainError) this.sftp.status(id, STATUS_CODE.FAILURE, sentenceOf(error));
    else {
      this.logger.error(error, 'a request failed');
      this.sftp.status(id, STATUS_CODE.FAILURE, 'Something went wrong here. Try again.');
    }
  }

  private done(id: number): void {
    this.sftp.status(id, STATUS_CODE.OK);
  }

  private open(id: number, path: string, flags: number): Promise<void> {
    return this.keep(id, () => ((flags & OPEN_MODE.WRITE) === 0 ? this.openFile(path) : this.openPut(path, flags)));
  }

  private async openFile(path: string): Promise<Opened> {
    const memberId = await this.member(Permission.FilesRead);
    return { kind: 'file', file: await this.house.folders.open(memberId, path) };
  }

  private async openPut(path: string, flags: number): Promise<Opened> {
    if ((flags & OPEN_MODE.APPEND) !== 0 || (flags & OPEN_MODE.CREAT) === 0) {
      throw new SftpRefusal('OP_UNSUPPORTED', 'A file is put from its beginning to its end; resuming is for /api/files/tus.');
    }
    const place = placeOf(path);
    if (place?.kind !== 'file') throw new SftpRefusal('NO_SUCH_FILE', 'Files are put into the root, avatar, chat or meme.');
    const memberId = await this.member(Permission.FilesWrite);
    const body: PutBody = new PutBody(this.window, (full) => this.house.inflow.stop(body, full));
    return { kind: 'put', put: await this.house.puts.begin(memberId, place, body) };
  }

  private async write(id: number, handle: Buffer, offset: number, data: Buffer): Promise<void> {
    try {
      this.house.inflow.heard();
      const opened = this.opened(handle);
      if (opened.kind !== 'put') throw new SftpRefusal('PERMISSION_DENIED', 'This file is open for reading.');
      await opened.put.body.write(offset, data);
      this.done(id);
    } catch (error) {
      this.refuse(id, error);
    }
    this.house.inflow.sent();
    this.assertRead();
  }

  private async read(id: number, handle: Buffer, offset: number, length: number): Promise<void> {
    const opened = this.opened(handle);
    if (opened.kind !== 'file') throw new SftpRefusal('PERMISSION_DENIED', 'This file is open for writing.');
    if (!(offset < opened.file.bytes)) this.sftp.status(id, STATUS_CODE.EOF);
    else this.sftp.data(id, await this.house.folders.read(opened.file, offset, Math.min(length, READ_BYTES)));
  }

  private async close(id: number, handle: Buffer): Promise<void> {
    const opened = this.opened(handle);
    this.handles.delete(handle.readUInt32BE());
    if (opened.kind === 'put') await opened.put.finish();
    this.done(id);
  }

  private async statHandle(id: number, handle: Buffer): Promise<void> {
    const opened = this.opened(handle);
    if (opened.kind === 'folder') this.sftp.attrs(id, attributesOf({ size: 0, at: new Date(0) }, FOLDER_MODE));
    else this.sftp.attrs(id, attributesOf({ size: opened.kind === 'put' ? opened.put.body.size : opened.file.bytes, at: new Date() }, FILE_MODE));
  }

  /** Times and modes are Plaza's own. Clients that break off a put cut the file to what they have sent: then it must not pass for whole. */
  private async setHandle(id: number, handle: Buffer, { size }: Partial<Attributes>): Promise<void> {
    const opened = this.opened(handle);
    if (size !== undefined && opened.kind === 'put' && (size !== 0 || opened.put.body.size > 0)) {
      opened.put.body.refuse('This upload was broken off.');
    }
    this.done(id);
  }

  private async set(id: number, path: string, { size }: Partial<Attributes>): Promise<void> {
    if (size !== undefined) throw new SftpRefusal('OP_UNSUPPORTED', 'What is in a file does not change: put it again.');
    await this.house.folders.get(await this.member(Permission.FilesRead), path);
    this.done(id);
  }

  private openFolder(id: number, path: string): Promise<void> {
    return this.keep(id, async () => ({ kind: 'folder', unread: await this.house.folders.list(await this.member(Permission.FilesRead), path) }));
  }

  private async readFolder(id: number, handle: Buffer): Promise<void> {
    const opened = this.opened(handle);
    if (opened.kind !== 'folder') throw new SftpRefusal('FAILURE', 'This is no folder.');
    if (opened.unread.length === 0) this.sftp.status(id, STATUS_CODE.EOF);
    else this.sftp.name(id, opened.unread.splice(0, NAMES_AT_ONCE).map(lineOf));
  }

  private async stat(id: number, path: string): Promise<void> {
    // Where it may only put, an API token meets empty folders.
    const memberId = placeOf(path)?.kind === 'folder' ? this.house.login.memberId : await this.member(Permission.FilesRead);
    const entry = await this.house.folders.get(memberId, path);
    this.sftp.attrs(id, attributesOf(entry, entry.file ? FILE_MODE : FOLDER_MODE));
  }

  private async remove(id: number, path: string): Promise<void> {
    await this.house.folders.remove(await this.member(Permission.FilesWrite), path);
    this.done(id);
  }

  private async rename(id: number, from: string, to: string): Promise<void> {
    await this.house.folders.rename(await this.member(Permission.FilesWrite), from, to);
    this.done(id);
  }

  /** Who this is, asked anew: the password may have been changed, the token revoked, the member locked out meanwhile. */
  private async member(permission: PermissionName): Promise<string> {
    const actor = await this.house.login.actor();
    this.outdated = actor === undefined;
    if (this.ended) throw new SftpRefusal('FAILURE', 'This session has ended.');
    if (!actor?.permissions.has(permission)) throw new SftpRefusal('PERMISSION_DENIED', `Your role or token does not include ${permission}.`);
    return actor.memberId;
  }

  /** Gives what is opened a handle. */
  private async keep(id: number, open: () => Promise<Opened>): Promise<void> {
    if (this.handles.size + this.opening >= MOST_HANDLES) throw new SftpRefusal('FAILURE', `A session has at most ${MOST_HANDLES} files and folders open. Close one.`);
    this.opening += 1;
    const opened = await open().finally(() => (this.opening -= 1));
    if (this.ended && opened.kind === 'put') opened.put.body.destroy();
    if (this.ended) return;
    this.lastHandle = (this.lastHandle + 1) >>> 0;
    this.handles.set(this.lastHandle, opened);
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(this.lastHandle);
    this.sftp.handle(id, handle);
  }

  private opened(handle: Buffer): Opened {
    const opened = handle.length === 4 ? this.handles.get(handle.readUInt32BE()) : undefined;
    if (opened === undefined) throw new SftpRefusal('FAILURE', 'There is no such handle.');
    return opened;
  }
}

/** What a refusal of the pipeline says in one line. */
function sentenceOf(error: DomainError): string {
  const faults = error.code === requestInvalid.code ? (error.details['errors'] as InvalidField[]) : [];
  return faults.length === 0 ? error.message : faults.map(({ path, message }) => `${path} ${message}`).join('; ');
}

function attributesOf({ size, at }: Pick<SftpEntry, 'size' | 'at'>, mode: number): Attributes {
  const seconds = Math.floor(at.getTime() / 1000);
  return { mode, uid: 0, gid: 0, size, atime: seconds, mtime: seconds };
}

function lineOf(entry: SftpEntry): FileEntry {
  const folder = entry.file === undefined;
  return { filename: entry.name, longname: longName({ ...entry, folder }), attrs: attributesOf(entry, folder ? FOLDER_MODE : FILE_MODE) };
}

/** A path and nothing about it, as REALPATH answers. */
function bare(path: string): FileEntry {
  return { filename: path, longname: path, attrs: {} as Attributes };
}
