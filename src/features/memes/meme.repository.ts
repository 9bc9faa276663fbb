import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Conditions, escapeLike } from '../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import type { Meme, MemeKind, MemeRating } from './entities/meme.js';

/** Which memes are meant: only visible ones ever are. */
export interface MemeFilter {
  readonly kinds: readonly MemeKind[];
  /** Each must occur in the caption or in the name of the template, whatever its case or accents. */
  readonly words?: readonly string[];
  readonly template?: string;
  readonly rating?: MemeRating;
}

/** What an import knows about a meme; everything else starts at its plain value. */
export type ImportedMeme = Pick<Meme, 'id' | 'template' | 'caption' | 'upper' | 'lower' | 'imageUrl' | 'lat' | 'lon'> & { externalId: string };

/** A meme made here. */
export type NewMeme = Pick<
  Meme,
  'id' | 'template' | 'caption' | 'upper' | 'lower' | 'language' | 'imageUrl' | 'fileId' | 'lat' | 'lon' | 'tags' | 'kind' | 'createdBy' | 'pictureHash'
>;

/** Where a reader of the feed of changes is. */
export interface FeedPosition {
  readonly seq: number;
  readonly id: string;
}

export type MemeRow = Omit<Meme, 'tags'> & { tags: string };

export const MEME_COLUMNS = `id, external_id AS externalId, template, caption, \`upper\`, \`lower\`, language, image_url AS imageUrl,
  file_id AS fileId, lat, lon, tags, rating, kind, status, likes, created_by AS createdBy, created_at AS createdAt,
  change_seq AS changeSeq, trend, picture_hash AS pictureHash`;

/** The SQL on `meme` for whoever reads or stores memes; what their makers, moderators and pictures need is in the repositories of making/ and rendering/. */
@Injectable()
export class MemeRepository {
  constructor(private readonly database: Database) {}

  /** How many the filter means. */
  async count(reader: Reader, filter: MemeFilter): Promise<number> {
    const where = conditions(filter);
    const [row] = await reader.rows<{ memes: number }>(`SELECT COUNT(*) AS memes FROM meme ${where.sql}`, where.values);
    return row!.memes;
  }

  /** Oldest first, for a reader that wants them all page by page. */
  async listAfter(reader: Reader, filter: MemeFilter, page: { afterId?: string; limit: number }): Promise<Meme[]> {
    const where = conditions(filter);
    if (page.afterId !== undefined) where.and('id > ?', page.afterId);
    return memesOf(await reader.rows<MemeRow>(`SELECT ${MEME_COLUMNS} FROM meme ${where.sql} ORDER BY id LIMIT ?`, [...where.values, page.limit]));
  }

  /** A meme whose row is there for certain, whatever became of it. */
  async get(reader: Reader, id: string): Promise<Meme> {
    return memesOf(await reader.rows<MemeRow>(`SELECT ${MEME_COLUMNS} FROM meme WHERE id = ?`, [id]))[0]!;
  }

  /** The id of each of these imported memes that is there, by external id. */
  async idsByExternalId(reader: Reader, externalIds: readonly string[]): Promise<Map<string, string>> {
    if (externalIds.length === 0) return new Map();
    const rows = await reader.rows<{ id: string; externalId: string }>(
      `SELECT id, external_id AS externalId FROM meme WHERE external_id IN (?)`,
      [externalIds],
    );
    return new Map(rows.map((row) => [row.externalId, row.id]));
  }

  /**
   * Inserts those whose external id is not there yet. Whoever came first wins: read back with
   * {@link idsByExternalId} whose id it became, since affectedRows counts both the same.
   */
  async insertImported(tx: Tx, changeSeq: number, imported: readonly ImportedMeme[]): Promise<void> {
    if (imported.length === 0) return;
    const row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, '', 'unrated', 'normal', 'visible', 0, UTC_TIMESTAMP(3), ?)";
    await tx.write(
      `INSERT INTO meme (id, external_id, template, caption, \`upper\`, \`lower\`, image_url, lat, lon, tags, rating, kind, status, likes, created_at, change_seq)
       VALUES ${imported.map(() => row).join(', ')} ON DUPLICATE KEY UPDATE id = id`,
      imported.flatMap((meme) => [meme.id, meme.externalId, meme.template, meme.caption, meme.upper, meme.lower, meme.imageUrl, meme.lat, meme.lon, changeSeq]),
    );
  }

  /** Inserts a meme made here, visible at once. */
  async insert(tx: Tx, changeSeq: number, meme: NewMeme): Promise<void> {
    await tx.write(
      `INSERT INTO meme (id, template, caption, \`upper\`, \`lower\`, language, image_url, file_id, lat, lon, tags, kind, created_by, picture_hash,
                         rating, status, likes, created_at, change_seq)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'unrated', 'visible', 0, UTC_TIMESTAMP(3), ?)`,
      [
        meme.id, meme.template, meme.caption, meme.upper, meme.lower, meme.language, meme.imageUrl, meme.fileId, meme.lat, meme.lon,
        meme.tags.join(','), meme.kind, meme.createdBy, meme.pictureHash, changeSeq,
      ],
    );
  }

  /** What changed after a position of the feed, in its order, whatever became of it. */
  async listChanged(after: FeedPosition, limit: number): Promise<Meme[]> {
    return memesOf(
      await this.database.rows<MemeRow>(
        `SELECT ${MEME_COLUMNS} FROM meme WHERE change_seq >= ? AND (change_seq > ? OR id > ?) ORDER BY change_seq, id LIMIT ?`,
        [after.seq, after.seq, after.id, limit],
      ),
    );
  }
}

function conditions(filter: MemeFilter): Conditions {
  const where = new Conditions().and("status = 'visible'");
  if (filter.kinds.length === 0) where.and('FALSE');
  else where.and('kind IN (?)', filter.kinds);
  if (filter.template !== undefined) where.and('template = ?', filter.template);
  if (filter.rating !== undefined) where.and('rating = ?', filter.rating);
  for (const word of filter.words ?? []) {
    const pattern = `%${escapeLike(word)}%`;
    where.and("(caption LIKE ? ESCAPE '!' OR template LIKE ? ESCAPE '!')", pattern, pattern);
  }
  return where;
}

/** Rows of {@link MEME_COLUMNS} as memes. */
export function memesOf(rows: readonly MemeRow[]): Meme[] {
  return rows.map((row) => ({ ...row, tags: row.tags === '' ? [] : row.tags.split(',') }));
}
