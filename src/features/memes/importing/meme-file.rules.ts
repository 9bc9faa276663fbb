/** Why a row of an import file stays out. Shown to whoever runs the import. */
export type RowFault =
  | 'wrong number of columns'
  | 'no Meme ID'
  | 'Meme ID is not a number'
  | 'Meme ID was already in this file'
  | 'text too long'
  | 'text is not valid in the encoding of the file'
  | 'image address is not http or https'
  | 'quote is never closed'
  | 'text after a closing quote'
  | 'row is too long'
  | 'row is cut off at the end of the file';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** The columns that are read, by their names in the published file. Others may be there and are ignored. */
export const COLUMNS = {
  externalId: 'Meme ID',
  imageUrl: 'Archived URL',
  template: 'Base Meme Name',
  caption: 'Alternate Text',
  upper: 'Upper Text',
  lower: 'Lower Text',
} as const;

type Field = keyof typeof COLUMNS;
export type MemeFields = Record<Field, string>;

/** Longest text of each column, in characters as the database counts them. */
const LONGEST: Record<Field, number> = { externalId: 19, imageUrl: 2000, template: 255, caption: 2000, upper: 2000, lower: 2000 };
const DELIMITERS = ['\t', ',', ';', '|'] as const;
/** What a decoder puts where the bytes made no sense. */
const REPLACEMENT = '\uFFFD';

/** The encoding by byte order mark; without one, by where the zero bytes of Latin text lie. */
export function sniffEncoding(head: Uint8Array): Encoding {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first !== 0 && second === 0) return 'utf-16le';
  if (first === 0 && second !== 0 && second !== undefined) return 'utf-16be';
  return 'utf-8';
}

/** Where each column stands. A dialect is known once the header line was read. */
export interface Dialect {
  readonly delimiter: string;
  readonly width: number;
  readonly position: Record<Field, number>;
}

/** The delimiter that finds most of our columns in the header line decides; `missing` names those it does not find. */
export function readHeader(line: string): { dialect: Dialect; missing: string[] } {
  let best: { dialect: Dialect; missing: string[] } | undefined;
  for (const delimiter of DELIMITERS) {
    const cells = splitRow(line, delimiter);
    const names = Array.isArray(cells) ? cells.map((name) => name.trim().toLowerCase()) : [];
    const position = Object.fromEntries(Object.entries(COLUMNS).map(([field, name]) => [field, names.indexOf(name.toLowerCase())])) as Record<Field, number>;
    const missing = Object.entries(COLUMNS).filter(([field]) => position[field as Field] < 0).map(([, name]) => name);
    if (best === undefined || missing.length < best.missing.length) best = { dialect: { delimiter, width: names.length, position }, missing };
  }
  return best!;
}

/**
 * Cells of one row (RFC 4180): a cell that begins with a quote ends with one, and a quote inside it is
 * doubled; any other cell is taken as it is. `open` means that the row goes on in the next line.
 */
export function splitRow(line: string, delimiter: string): string[] | 'open' | 'broken' {
  if (!line.includes('"')) return line.split(delimiter);
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    let cell: string;
    if (line[at] === '"') {
      let end = at + 1;
      for (;;) {
        end = line.indexOf('"', end);
        if (end < 0) return 'open';
        if (line[end + 1] !== '"') break;
        end += 2;
      }
      cell = line.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
      if (at < line.length && line[at] !== delimiter) return 'broken';
    } else {
      const end = line.indexOf(delimiter, at);
      cell = line.slice(at, end < 0 ? line.length : end);
      at = end < 0 ? line.length : end;
    }
    cells.push(cell);
    if (at >= line.length) return cells;
    at += 1;
  }
}

/** The texts of a row, byte for byte, or what is wrong with it. */
export function readRow(cells: readonly string[], dialect: Dialect): MemeFields | RowFault {
  if (cells.length !== dialect.width) return 'wrong number of columns';
  const fields = Object.fromEntries(Object.entries(dialect.position).map(([field, position]) => [field, cells[position]!])) as MemeFields;
  if (fields.externalId === '') return 'no Meme ID';
  if (!/^[1-9][0-9]*$/.test(fields.externalId)) return 'Meme ID is not a number';
  for (const [field, text] of Object.entries(fields)) {
    if (text.includes(REPLACEMENT)) return 'text is not valid in the encoding of the file';
    if (isLongerThan(text, LONGEST[field as Field])) return 'text too long';
  }
  // Shown to members as the source of a picture: a javascript: address must never get there.
  if (fields.imageUrl !== '' && !/^https?:\/\//i.test(fields.imageUrl)) return 'image address is not http or https';
  return fields;
}

function isLongerThan(text: string, characters: number): boolean {
  return text.length > characters && [...text].length > characters;
}
