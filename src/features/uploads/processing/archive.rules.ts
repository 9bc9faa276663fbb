const MAX_ENTRIES = 10_000;
const MAX_UNPACKED_BYTES = 1024 ** 3;
const MAX_RATIO = 100;
/** What unpacks to no more than this is no bomb, however well it is packed. */
const HARMLESS_BYTES = 64 * 1024;
/** Of a tar, from the end of one entry to the bytes of the next, with what is read ahead. */
const MAX_NOTES_BYTES = 256 * 1024;
/** In all: three KiB for each entry. */
const MAX_ALL_NOTES_BYTES = 32 * 1024 * 1024;

/** One entry of an archive, as its headers declare it. */
export interface ArchiveEntry {
  readonly name: string;
  /** Unpacked. */
  readonly bytes: number;
  /** Where a symbolic link leads; undefined for what is none. */
  readonly linkTarget?: string;
}

/** What is wrong with the name of an entry: unpacked, it could land outside of the folder it is unpacked to. */
export function entryNameFault(name: string): string | undefined {
  if (name.includes('\0')) return 'a name with NUL';
  if (name.includes('\\')) return 'a name with a backslash';
  if (/^(?:\/|[A-Za-z]:)/.test(name)) return 'an absolute name';
  if (name.split('/').includes('..')) return 'a name with ..';
  return undefined;
}

/** What is wrong with the size of an archive of `packedBytes` when it unpacks to `bytes`. */
export function unpackedFault(bytes: number, packedBytes: number): string | undefined {
  if (bytes > MAX_UNPACKED_BYTES) return `more than ${MAX_UNPACKED_BYTES} bytes unpacked`;
  if (bytes > HARMLESS_BYTES && bytes > packedBytes * MAX_RATIO) return `more than ${MAX_RATIO} times its size unpacked`;
  return undefined;
}

const ZIP_END = 'PK\u0005\u0006';
const ZIP_END_BYTES = 22;
const ZIP64_END = 'PK\u0006\u0006';
const ZIP64_LOCATOR_BYTES = 20;
const SAID_IN_ZIP64 = 0xffff_ffff;

/**
 * What is wrong with the end of a ZIP archive. Some programs go by the number of entries that it states, others by
 * the length or the place of their list: all have to find the same ones.
 *
 * @param rest what stands behind the last entry that was listed
 * @param listedBytes how long the list is up to there
 */
export function zipEndFault(rest: Buffer, listedBytes: number): string | undefined {
  const startsWith = (signature: string, at = 0) => rest.toString('latin1', at, at + 4) === signature;
  const isZip64 = startsWith(ZIP64_END) && rest.length >= 56;
  const end = isZip64 ? 12 + Number(rest.readBigUInt64LE(4)) + ZIP64_LOCATOR_BYTES : 0;
  if (rest.length < end + ZIP_END_BYTES || !startsWith(ZIP_END, end) || rest.length !== end + ZIP_END_BYTES + rest.readUInt16LE(end + 20)) return 'something behind its list of entries';
  const stated = rest.readUInt32LE(end + 12);
  const isStated = isZip64 ? Number(rest.readBigUInt64LE(40)) === listedBytes && [listedBytes, SAID_IN_ZIP64].includes(stated) : stated === listedBytes;
  return isStated ? undefined : 'a list of entries of another length than it states';
}

/** The entries of one archive, added up. */
export class ArchiveTally {
  private entries = 0;
  private bytes = 0;
  private readonly links = new Set<string>();

  constructor(private readonly packedBytes: number) {}

  /** @returns what makes the archive unsafe with this entry; undefined when nothing does so far */
  add({ name, bytes, linkTarget }: ArchiveEntry): string | undefined {
    this.entries += 1;
    this.bytes += bytes;
    if (this.entries > MAX_ENTRIES) return `more than ${MAX_ENTRIES} entries`;
    return unpackedFault(this.bytes, this.packedBytes) ?? entryNameFault(name) ?? this.linkFault(name, linkTarget);
  }

  /** A link may stay inside; what is then unpacked over or through it might not. */
  private linkFault(name: string, linkTarget: string | undefined): string | undefined {
    const steps = stepsOf(name);
    if (this.links.size > 0 && steps.some((_, index) => this.links.has(steps.slice(0, index + 1).join('/')))) return 'an entry behind a link';
    if (linkTarget === undefined) return undefined;
    this.links.add(steps.join('/'));
    return leadsOut(steps.slice(0, -1), linkTarget) ? 'a link that leads out' : undefined;
  }
}

/**
 * What stands in a tar between its entries: long names and other notes. A parser takes them in at one go,
 * however long, and nothing else is done meanwhile.
 */
export class TarNotes {
  private read = 0;
  /** Up to where the entries are known. */
  private known = 0;
  private padding = 0;
  private inAll = 0;

  /** More of the archive, before the parser has it. @returns what makes it unsafe; undefined when nothing does so far */
  add(chunk: Buffer): string | undefined {
    if (this.read >= this.known && chunk.every((byte) => byte === 0)) this.padding += chunk.length;
    this.read += chunk.length;
    if (this.read - this.known - this.padding > MAX_NOTES_BYTES) return `more than ${MAX_NOTES_BYTES} bytes between two entries`;
    return this.inAll > MAX_ALL_NOTES_BYTES ? `more than ${MAX_ALL_NOTES_BYTES} bytes between entries` : undefined;
  }

  /** An entry whose bytes begin at `offset`. */
  meet(offset: number, bytes: number): void {
    this.inAll += Math.max(0, offset - this.known - this.padding);
    this.known = offset + bytes;
    this.padding = 0;
  }
}

function leadsOut(folder: readonly string[], target: string): boolean {
  if (/^(?:\/|[A-Za-z]:)|[\\\0]/.test(target)) return true;
  let depth = folder.length;
  for (const step of stepsOf(target)) {
    depth += step === '..' ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

const stepsOf = (name: string): string[] => name.split('/').filter((step) => step !== '' && step !== '.');
