import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { PassThrough, type Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { sniff } from '../media-type.sniffer.js';
import { HEAD_BYTES } from '../uploads.rules.js';
import { ArchiveTally, entryNameFault, TarNotes, unpackedFault, zipEndFault } from './archive.rules.js';
import { isMachineFault, Rejection } from './rejection.js';

/** ZIP by its first bytes: office documents, books and programs are ZIP files under other names. */
const ZIP_SIGNATURES = new Set(['PK\u0003\u0004', 'PK\u0005\u0006', 'PK\u0007\u0008']);
const FILE_TYPE_BITS = 0o170000;
const SYMBOLIC_LINK = 0o120000;
const MAX_LINK_BYTES = 4_096;
/** Of an entry in the list, without its name and what else is of any length. */
const ZIP_ENTRY_BYTES = 46;
/** With the longest comment, and ample room for the records of ZIP64. */
const MAX_ZIP_END_BYTES = 128 * 1024;

/**
 * Lists an archive (ZIP and its family, tar, gzip) without unpacking anything to anywhere. Archives inside
 * of it are files to it. Returns when it is safe, or no archive of these kinds.
 *
 * @param mime as sniffed
 * @throws Rejection `file.archive-unsafe` when it has too much in it, names that lead out, or cannot be read
 */
export async function inspectArchive(path: string, mime: string, signal: AbortSignal): Promise<void> {
  const isZip = ZIP_SIGNATURES.has(await signatureOf(path)) || (await endsAsZip(path));
  const inspect = isZip ? inspectZip : mime === 'application/x-tar' ? inspectTar : mime === 'application/gzip' ? inspectGzip : undefined;
  if (inspect === undefined) return;
  try {
    await inspect(path, (await stat(path)).size, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Rejection || isMachineFault(error)) throw error;
    throw new Rejection('file.archive-unsafe', 'it cannot be read', { cause: error });
  }
}

async function signatureOf(path: string): Promise<string> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0).finally(() => file.close());
  return buffer.toString('latin1', 0, bytesRead);
}

/** A ZIP is found by its end: whatever stands before it, e.g. a program that unpacks it, programs open it as one. */
async function endsAsZip(path: string): Promise<boolean> {
  try {
    const zip = await openPromise(path);
    zip.close();
    return zip.entryCount > 0;
  } catch (error) {
    if (isMachineFault(error)) throw error;
    return false;
  }
}

async function inspectZip(path: string, packedBytes: number, signal: AbortSignal): Promise<void> {
  const zip = await openPromise(path, { strictFileNames: true });
  try {
    const tally = new ArchiveTally(packedBytes);
    let listedBytes = 0;
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted();
      // Some programs go by the name as it stands there, others by the one in an extra field.
      refuse(entryNameFault(entry.fileNameRaw.toString('latin1')));
      refuse(tally.add({ name: entry.fileName, bytes: entry.uncompressedSize, ...(await linkIn(zip, entry)) }));
      listedBytes += ZIP_ENTRY_BYTES + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    }
    // Where it would read the next entry; its types say otherwise.
    refuse(zipEndFault(await readRest(path, zip.readEntryCursor as unknown as number), listedBytes));
  } finally {
    zip.close();
  }
}

/** What stands behind the entries, or as much as shows that it is too long for what may. */
async function readRest(path: string, start: number): Promise<Buffer> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_ZIP_END_BYTES + 1), 0, MAX_ZIP_END_BYTES + 1, start).finally(() => file.close());
  return buffer.subarray(0, bytesRead);
}

async function linkIn(zip: ZipFile, entry: Entry): Promise<{ linkTarget?: string }> {
  if (((entry.externalFileAttributes >>> 16) & FILE_TYPE_BITS) !== SYMBOLIC_LINK) return {};
  if (entry.uncompressedSize > MAX_LINK_BYTES) refuse('a link of that length');
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  return { linkTarget: Buffer.concat(chunks).toString() };
}

function inspectTar(path: string, packedBytes: number, signal: AbortSignal): Promise<void> {
  return readThrough(createReadStream(path), new PassThrough(), (bytes) => listTar(bytes, packedBytes), signal);
}

async function listTar(bytes: AsyncIterable<Buffer>, packedBytes: number): Promise<void> {
  const listing = extract();
  const tally = new ArchiveTally(packedBytes);
  const notes = new TarNotes();
  const reading = pipeline(noted(bytes, notes), listing);
  try {
    for await (const entry of listing) {
      const { name, size, type, linkname, byteOffset } = entry.header as Header & { byteOffset: number };
      // The parser takes a folder to have no bytes, whatever its header says.
      notes.meet(byteOffset, type === 'directory' ? 0 : (size ?? 0));
      // A hard link leads to another entry, from the top of the archive.
      if (type === 'link') refuse(entryNameFault(linkname ?? ''));
      refuse(tally.add({ name, bytes: size ?? 0, ...(type === 'symlink' && { linkTarget: linkname ?? '' }) }));
      entry.resume();
      // Others have their turn, too: the next entries are often there already.
      await setImmediate();
    }
  } catch (error) {
    await reading.catch(() => undefined);
    throw error;
  }
  await reading;
}

async function* noted(bytes: AsyncIterable<Buffer>, notes: TarNotes): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    refuse(notes.add(chunk));
    yield chunk;
  }
}

/** Inflates it once, to nowhere: a gzip does not say how large it is. */
function inspectGzip(path: string, packedBytes: number, signal: AbortSignal): Promise<void> {
  return readThrough(createReadStream(path), createGunzip(), (inflated) => listInflated(counting(inflated, packedBytes), packedBytes), signal);
}

async function listInflated(bytes: AsyncGenerator<Buffer>, packedBytes: number): Promise<void> {
  const first = await bytes.next();
  if (first.done) return;
  const whole = (async function* () {
    yield first.value;
    yield* bytes;
  })();
  if ((await sniff(first.value.subarray(0, HEAD_BYTES))) === 'application/x-tar') await listTar(whole, packedBytes);
  else for await (const _ of whole);
}

/** A reader that stops early makes the pipeline fail too: what the reader threw is the reason. */
async function readThrough(source: Readable, through: Transform, read: (bytes: AsyncIterable<Buffer>) => Promise<void>, signal: AbortSignal): Promise<void> {
  let reason: unknown;
  const reader = (bytes: AsyncIterable<Buffer>) =>
    read(bytes).catch((error: unknown) => {
      reason = error;
      throw error;
    });
  await pipeline(source, through, reader, { signal }).catch((error: unknown) => {
    throw reason ?? error;
  });
}

async function* counting(bytes: AsyncIterable<Buffer>, packedBytes: number): AsyncGenerator<Buffer> {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    refuse(unpackedFault(count, packedBytes));
    yield chunk;
  }
}

function refuse(fault: string | undefined): void {
  if (fault !== undefined) throw new Rejection('file.archive-unsafe', fault);
}
