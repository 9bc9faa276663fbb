import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** A ZIP archive of these files, in memory. */
export function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return buffer(zip.outputStream);
}

/** A ZIP archive of so many empty folders. */
export function manyEntries(count: number): Promise<Buffer> {
  const zip = new ZipFile();
  for (let n = 0; n < count; n += 1) zip.addEmptyDirectory(`${n}`);
  zip.end();
  return buffer(zip.outputStream);
}

/** The archive with one of its names replaced by another of the same length, which its maker would not have taken. */
export function renamed(archive: Buffer, from: string, to: string): Buffer {
  if (from.length !== to.length) throw new Error('a name of another length would move everything behind it');
  return Buffer.from(archive.toString('latin1').replaceAll(from, to), 'latin1');
}
