import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

export interface ZipEntry {
  /** A relative path with `/`; never absolute, no `..`. */
  readonly name: string;
  readonly bytes: AsyncIterable<Buffer> | Iterable<Buffer>;
}

/**
 * The bytes of a ZIP of these entries, one after another; pulled by its reader, so memory does not grow.
 * An entry is asked for when the one before has been read to its end, so that a list of contents can
 * come last. Errors of a source reach the reader as they are; when the reader leaves, the sources are closed.
 *
 * @throws Error for a name that would leave the folder it is unpacked in
 */
export async function* zipArchive(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Buffer, void, undefined> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  let open: Readable | undefined;
  const feed = async (): Promise<void> => {
    for await (const { name, bytes } of entries) {
      if (output.destroyed) return;
      open = Readable.from(bytes, { objectMode: false });
      zip.addReadStream(open, name);
      await finished(open, { writable: false });
    }
    zip.end();
  };
  // yazl passes no errors on. Destroying its output hands the reader the error itself.
  const feeding = feed().catch((error: unknown) => void output.destroy(error as Error));
  try {
    yield* output as AsyncIterable<Buffer>;
  } finally {
    output.destroy();
    open?.destroy();
    await feeding;
  }
}
