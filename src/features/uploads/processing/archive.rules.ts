export const MAX_ENTRIES = 10_000;
export const MAX_UNPACKED_BYTES = 1024 ** 3;
export const MAX_RATIO = 100;
/** What unpacks to no more than this is no bomb, however well it is packed. */
const HARMLESS_BYTES = 64 * 1024;

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
