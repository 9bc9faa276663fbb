import type { FilePurpose } from '../uploads.types.js';

/** The folders there are beside the root, which is for generic files: each is a purpose. */
export const SFTP_FOLDERS: readonly FilePurpose[] = ['avatar', 'chat', 'meme'];

/** What a client's path leads to. */
export type SftpPlace =
  | { readonly kind: 'folder'; readonly purpose: FilePurpose }
  | { readonly kind: 'file'; readonly purpose: FilePurpose; readonly name: string };

/** The path from the root, without `.` and `..`; nothing lies above the root. */
export function absolutePath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

/** Undefined when the path leads through a folder that is none. */
export function placeOf(path: string): SftpPlace | undefined {
  const [first = '', second, ...deeper] = absolutePath(path).slice(1).split('/');
  const folder = SFTP_FOLDERS.find((name) => name === first);
  if (deeper.length > 0 || (second !== undefined && folder === undefined)) return undefined;
  if (folder !== undefined) return second === undefined ? { kind: 'folder', purpose: folder } : { kind: 'file', purpose: folder, name: second };
  return first === '' ? { kind: 'folder', purpose: 'generic' } : { kind: 'file', purpose: 'generic', name: first };
}

/**
 * Names for files in one folder, where Plaza lets many have the same and SFTP does not: the first keeps its
 * name, the others get a number behind it.
 */
export function distinctNames(names: readonly string[], taken: readonly string[] = []): string[] {
  const used = new Set<string>(taken);
  // What is somebody's own name is not given to another.
  const own = new Set<string>(names);
  const last = new Map<string, number>();
  return names.map((name) => {
    let distinct = name;
    for (let n = last.get(name) ?? 1; used.has(distinct) || (distinct !== name && own.has(distinct)); ) {
      n += 1;
      last.set(name, n);
      distinct = `${name} (${n})`;
    }
    used.add(distinct);
    return distinct;
  });
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A line as `ls -l` prints it, which some clients show and others read. */
export function longName({ name, folder, size, at }: { name: string; folder: boolean; size: number; at: Date }): string {
  const day = String(at.getUTCDate()).padStart(2, ' ');
  return `${folder ? 'drwx------' : '-rw-------'} 1 member member ${String(size).padStart(12, ' ')} ${MONTHS[at.getUTCMonth()]!} ${day}  ${at.getUTCFullYear()} ${name}`;
}
