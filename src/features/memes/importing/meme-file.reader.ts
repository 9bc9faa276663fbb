import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { readHeader, readRow, sniffEncoding, splitRow, type Dialect, type MemeFields, type RowFault } from './meme-file.rules.js';

/** The file as a whole cannot be imported; the message says why and is meant for whoever gave it. */
export class MemeFileError extends Error {
  override readonly name = 'MemeFileError';
}

/** One row, good or bad, and the line it begins on (the header is line 1). */
export type FileRow = { readonly line: number } & ({ readonly meme: MemeFields } | { readonly fault: RowFault });

interface Line {
  readonly number: number;
  readonly text: string;
  /** The line break as it stood; empty at the end of a file that has none there. */
  readonly end: string;
  readonly tooLong?: true;
}

/** A cell may hold line breaks, but a quote that is still open after so many lines was a mistake. */
const LINES_PER_ROW = 20;
/** Characters of a line: a file without line breaks must not fill the memory. */
const LONGEST_LINE = 100_000;

/**
 * Opens an import file.
 *
 * @throws MemeFileError when there is none or it is no file
 */
export async function openMemeFile(path: string): Promise<{ bytes: number; source: Readable }> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new MemeFileError(`${path} is not a file.`);
    const handle = await open(path);
    return { bytes: found.size, source: handle.createReadStream({ highWaterMark: 128 * 1024 }) };
  } catch (error) {
    if (error instanceof MemeFileError) throw error;
    throw new MemeFileError(`${path} cannot be read: ${reasonOf(error)}`);
  }
}

/**
 * The rows of a meme file, one at a time. Encoding and delimiter are found out from its beginning.
 *
 * A row that cannot be read costs only itself: CSV libraries read on to the next quote, wherever that
 * is, when one is missing, so the rows are cut here.
 *
 * @throws MemeFileError when it is empty, has not the columns, or cannot be read to its end
 */
export async function* readMemeFile(source: AsyncIterable<Uint8Array>): AsyncGenerator<FileRow> {
  const lines = new LineQueue(splitLines(decode(source)));
  const header = await lines.next();
  if (header === undefined) throw new MemeFileError('The file is empty.');
  const { dialect, missing } = readHeader(header.text);
  if (missing.length > 0) throw new MemeFileError(`The first line of the file must name its columns; missing: ${missing.join(', ')}.`);
  for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
    if (line.text !== '' || line.tooLong) yield { line: line.number, ...(await rowFrom(line, lines, dialect)) };
  }
}

async function rowFrom(first: Line, lines: LineQueue, dialect: Dialect): Promise<{ meme: MemeFields } | { fault: RowFault }> {
  if (first.tooLong) return { fault: 'row is too long' };
  const joined = [first];
  let text = first.text;
  let cells = splitRow(text, dialect.delimiter);
  while (cells === 'open') {
    const next = joined.length < LINES_PER_ROW && text.length < LONGEST_LINE ? await lines.next() : undefined;
    if (next === undefined) break;
    if (next.tooLong) {
      lines.giveBack([next]);
      break;
    }
    text += joined.at(-1)!.end + next.text;
    joined.push(next);
    cells = splitRow(text, dialect.delimiter);
  }
  const row = Array.isArray(cells) ? readRow(cells, dialect) : cells === 'open' ? 'quote is never closed' : 'text after a closing quote';
  if (typeof row !== 'string') return { meme: row };
  // What followed an open quote were most likely rows of their own: only the line with the fault is lost.
  lines.giveBack(joined.slice(1));
  if (first.end === '' && (row === 'wrong number of columns' || row === 'quote is never closed')) return { fault: 'row is cut off at the end of the file' };
  return { fault: joined.length > 1 ? 'quote is never closed' : row };
}

/** Lines, of which some can be given back to be read again. */
class LineQueue {
  private readonly waiting: Line[] = [];

  constructor(private readonly lines: AsyncGenerator<Line>) {}

  async next(): Promise<Line | undefined> {
    const waiting = this.waiting.shift();
    if (waiting !== undefined) return waiting;
    const next = await this.lines.next();
    return next.done === true ? undefined : next.value;
  }

  giveBack(lines: readonly Line[]): void {
    this.waiting.unshift(...lines);
  }
}

async function* splitLines(chunks: AsyncIterable<string>): AsyncGenerator<Line> {
  let number = 1;
  let rest = '';
  let tooLong = false;
  const line = (text: string, end: string): Line => ({ number: number++, text: tooLong ? text.slice(0, LONGEST_LINE) : text, end, ...(tooLong ? { tooLong } : {}) });
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop()!;
    for (const part of parts) {
      tooLong ||= part.length > LONGEST_LINE;
      yield part.endsWith('\r') ? line(part.slice(0, -1), '\r\n') : line(part, '\n');
      tooLong = false;
    }
    if (rest.length > LONGEST_LINE) {
      tooLong = true;
      // Enough to tell that the line is not empty; the carriage return of a split line break may be its last character.
      rest = rest.slice(-1);
    }
  }
  if (rest !== '' || tooLong) yield line(rest, '');
}

async function* decode(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let head: Uint8Array = new Uint8Array(0);
  try {
    for await (const bytes of source) {
      if (decoder !== undefined) {
        yield decoder.decode(bytes, { stream: true });
        continue;
      }
      head = Buffer.concat([head, bytes]);
      // The longest byte order mark has three bytes.
      if (head.length < 3) continue;
      decoder = new TextDecoder(sniffEncoding(head));
      yield decoder.decode(head, { stream: true });
    }
  } catch (error) {
    throw new MemeFileError(`The file cannot be read to its end: ${reasonOf(error)}`);
  }
  decoder ??= new TextDecoder(sniffEncoding(head));
  const last = head.length < 3 ? decoder.decode(head) : decoder.decode();
  if (last !== '') yield last;
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission';
  if (code === 'EISDIR') return 'it is a folder';
  return error instanceof Error ? error.message : String(error);
}
