import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { v7 } from 'uuid';
import { Transactions } from '../../../platform/database/transactions.js';
import { MemeChanges } from '../meme-changes.service.js';
import { MemeRepository, type ImportedMeme } from '../meme.repository.js';
import { PlaceNames } from '../places/place-names.service.js';
import { renderPath } from '../rendering/render-text.rules.js';
import { openMemeFile, readMemeFile } from './meme-file.reader.js';
import type { MemeFields, RowFault } from './meme-file.rules.js';

export interface ImportOptions {
  /** Told after each piece read. `totalBytes` is missing when the source is a stream. */
  readonly onProgress?: (bytes: number, totalBytes: number | undefined) => void;
  /** Stops the import after the batch at work; the report then covers what was read. */
  readonly signal?: AbortSignal;
}

export interface SkippedRows {
  readonly reason: RowFault;
  readonly count: number;
  /** Numbers of the first few lines. */
  readonly lines: readonly number[];
}

export interface ImportReport {
  readonly imported: number;
  readonly alreadyThere: number;
  readonly skipped: readonly SkippedRows[];
  readonly seconds: number;
}

interface PendingRow {
  readonly line: number;
  readonly meme: ImportedMeme;
}

/** Rows of one transaction: one INSERT statement. */
const BATCH = 500;
const LINES_SHOWN = 5;
const SAMPLE = path.join(import.meta.dirname, 'memes.sample.tsv');

/**
 * Brings in a file of memes as the Library of Congress publishes it. Keyed by Meme ID, so it may be run
 * again, twice at once, and beside a running server; its memory does not grow with the file.
 */
@Injectable()
export class MemeImporter {
  constructor(
    private readonly transactions: Transactions,
    private readonly memes: MemeRepository,
    private readonly changes: MemeChanges,
    private readonly places: PlaceNames,
  ) {}

  /**
   * @param source path of a file, or its bytes
   * @throws MemeFileError when the file as a whole cannot be imported; what was read before stays
   */
  async import(source: string | Readable, options: ImportOptions = {}): Promise<ImportReport> {
    const started = performance.now();
    const file = typeof source === 'string' ? await openMemeFile(source) : { source, bytes: undefined };
    const tally = new Tally();
    const run = new ImportRun();
    let batch: PendingRow[] = [];
    try {
      for await (const row of readMemeFile(counted(file.source, file.bytes, options.onProgress))) {
        if ('fault' in row) tally.skip(row.fault, row.line);
        else batch.push({ line: row.line, meme: { id: run.nextId(), ...row.meme, imageUrl: pictureOf(row.meme), ...(await this.placeOf(row.meme)) } });
        if (batch.length < BATCH) continue;
        await this.store(batch, run, tally);
        batch = [];
        if (options.signal?.aborted === true) break;
      }
      await this.store(batch, run, tally);
    } finally {
      file.source.destroy();
    }
    return { ...tally.report(), seconds: (performance.now() - started) / 1000 };
  }

  /** Brings in the small sample that ships with Plaza. */
  importSample(): Promise<ImportReport> {
    return this.import(SAMPLE);
  }

  /** The file has no coordinates; its words may name a place. */
  private async placeOf({ caption }: MemeFields): Promise<Pick<ImportedMeme, 'lat' | 'lon'>> {
    return (await this.places.find(caption)) ?? { lat: null, lon: null };
  }

  private async store(batch: readonly PendingRow[], run: ImportRun, tally: Tally): Promise<void> {
    if (batch.length === 0) return;
    const once = new Map<string, PendingRow>();
    for (const row of batch) {
      if (once.has(row.meme.externalId)) tally.skip('Meme ID was already in this file', row.line);
      else once.set(row.meme.externalId, row);
    }
    const externalIds = [...once.keys()];
    const stored = await this.transactions.run(async (tx) => {
      const there = await this.memes.idsByExternalId(tx, externalIds);
      const missing = [...once.values()].map((row) => row.meme).filter((meme) => !there.has(meme.externalId));
      if (missing.length > 0) await this.memes.insertImported(tx, await this.changes.number(tx), missing);
      return this.memes.idsByExternalId(tx, externalIds);
    });
    for (const { meme, line } of once.values()) {
      const id = stored.get(meme.externalId);
      if (id === meme.id) tally.imported += 1;
      else if (id !== undefined && run.made(id)) tally.skip('Meme ID was already in this file', line);
      else tally.alreadyThere += 1;
    }
  }
}

/**
 * Ids of one import: UUIDv7 in the order of the rows, with a random tail that all of them share. By its
 * tail a row is known as this import's own, and as a duplicate, without a list of what was seen.
 */
class ImportRun {
  private readonly random = randomBytes(16);
  private readonly startedAt = Date.now();
  private sequence = 0;
  private readonly tail = this.nextId().slice(-10);

  nextId(): string {
    this.sequence += 1;
    return v7({ msecs: this.startedAt, seq: this.sequence, random: this.random });
  }

  made(id: string): boolean {
    return id.endsWith(this.tail);
  }
}

class Tally {
  imported = 0;
  alreadyThere = 0;
  private readonly skipped = new Map<RowFault, { count: number; lines: number[] }>();

  skip(reason: RowFault, line: number): void {
    const entry = this.skipped.get(reason) ?? { count: 0, lines: [] };
    entry.count += 1;
    if (entry.lines.length < LINES_SHOWN) entry.lines.push(line);
    this.skipped.set(reason, entry);
  }

  report(): Omit<ImportReport, 'seconds'> {
    return {
      imported: this.imported,
      alreadyThere: this.alreadyThere,
      skipped: [...this.skipped].map(([reason, { count, lines }]) => ({ reason, count, lines: lines.toSorted((a, b) => a - b) })),
    };
  }
}

/** What has no picture elsewhere is drawn here. */
function pictureOf({ imageUrl, template, upper, lower }: MemeFields): string {
  return imageUrl === '' ? renderPath({ template, upper, lower, ext: 'webp' }) : imageUrl;
}

async function* counted(source: Readable, totalBytes: number | undefined, onProgress: ImportOptions['onProgress']): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    yield chunk;
    onProgress?.(bytes, totalBytes);
  }
}
