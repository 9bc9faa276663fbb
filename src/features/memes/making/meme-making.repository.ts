import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { Meme, MemeKind } from '../entities/meme.js';
import { MEME_COLUMNS, memesOf, type MemeRow } from '../meme.repository.js';

/** A meme that is there already. */
export type Lookalike = Pick<Meme, 'id' | 'kind' | 'status' | 'createdBy'>;

/** A meme that waits for a moderator, and since when. */
export interface WaitingMeme {
  readonly meme: Meme;
  /** Of the newest report; where there is none, of the meme. */
  readonly waitingSince: Date;
}

/** After which of the waiting ones a page begins. */
export interface WaitingPosition {
  readonly waitingSince: Date;
  readonly id: string;
}

/** The columns that change, as SQL names them. */
const COLUMN_OF = {
  template: 'template',
  caption: 'caption',
  upper: '`upper`',
  lower: '`lower`',
  language: 'language',
  imageUrl: 'image_url',
  lat: 'lat',
  lon: 'lon',
  tags: 'tags',
  rating: 'rating',
  status: 'status',
} as const satisfies Partial<Record<keyof Meme, string>>;

/** MySQL and MariaDB disagree about XOR of binary texts, so both sides become numbers. */
const asNumber = (hex: string): string => `CAST(CONV(${hex}, 16, 10) AS UNSIGNED)`;

/** The SQL on `meme` for whoever makes memes and looks after them: also what is not visible, but nothing that was deleted. */
@Injectable()
export class MemeMakingRepository {
  constructor(private readonly database: Database) {}

  /**
   * The meme, which nobody else changes before this transaction ends. Its row comes before its likes and reports,
   * whose foreign keys would else take a lock on it that two transactions can share and neither can raise; the
   * feed's number comes after them.
   */
  async lock(tx: Tx, id: string): Promise<Meme | undefined> {
    return memesOf(await tx.rows<MemeRow>(`SELECT ${MEME_COLUMNS} FROM meme WHERE id = ? AND status <> 'deleted' FOR UPDATE`, [id]))[0];
  }

  /** Memes whose pictures differ from this one in so many bits at most, the most similar first. */
  async listLookalikes(reader: Reader, pictureHash: Buffer, bits: number): Promise<Lookalike[]> {
    return reader.rows<Lookalike>(
      `SELECT meme.id, kind, status, created_by AS createdBy
       FROM (SELECT id, BIT_COUNT(${asNumber('HEX(picture_hash)')} ^ ${asNumber('?')}) AS bits FROM meme WHERE picture_hash IS NOT NULL) hashed
       JOIN meme ON meme.id = hashed.id
       WHERE hashed.bits <= ? ORDER BY hashed.bits, meme.id`,
      [pictureHash.toString('hex'), bits],
    );
  }

  async update(tx: Tx, changeSeq: number, id: string, change: Partial<Pick<Meme, keyof typeof COLUMN_OF>>): Promise<void> {
    const fields = Object.keys(change) as (keyof typeof COLUMN_OF)[];
    const values = fields.map((field) => (field === 'tags' ? change.tags!.join(',') : change[field]));
    await tx.write(`UPDATE meme SET ${fields.map((field) => `${COLUMN_OF[field]} = ?, `).join('')}change_seq = ? WHERE id = ?`, [...values, changeSeq, id]);
  }

  /** Counts a like that was given or taken back. */
  async updateLikes(tx: Tx, changeSeq: number, id: string, { more, trend }: { more: 1 | -1; trend: number | null }): Promise<void> {
    await tx.write('UPDATE meme SET likes = likes + ?, trend = ?, change_seq = ? WHERE id = ?', [more, trend, changeSeq, id]);
  }

  /** Leaves the row, so that every process hears of the end, and an import does not bring it back; and nothing that it said. */
  async bury(tx: Tx, changeSeq: number, id: string): Promise<void> {
    await tx.write(
      `UPDATE meme SET status = 'deleted', template = '', caption = '', \`upper\` = '', \`lower\` = '', image_url = '', tags = '', language = NULL,
                       file_id = NULL, picture_hash = NULL, lat = NULL, lon = NULL, likes = 0, trend = NULL, change_seq = ?
       WHERE id = ?`,
      [changeSeq, id],
    );
  }

  /** What is pending or reported, the newest report first. */
  async listWaiting(kinds: readonly MemeKind[], page: { after?: WaitingPosition; limit: number }): Promise<WaitingMeme[]> {
    const { waitingSince, id } = page.after ?? {};
    const rows = await this.database.rows<MemeRow & { waitingSince: Date }>(
      `SELECT ${MEME_COLUMNS}, waiting_since AS waitingSince
       FROM (SELECT reported.id AS waiting_id, COALESCE((SELECT MAX(r.created_at) FROM meme_report r WHERE r.meme_id = reported.id), reported.created_at) AS waiting_since
             FROM (SELECT id FROM meme WHERE status = 'pending' UNION SELECT meme_id FROM meme_report) any_of
             JOIN meme reported ON reported.id = any_of.id) waiting
       JOIN meme ON meme.id = waiting_id
       WHERE kind IN (?) ${page.after ? 'AND (waiting_since < ? OR (waiting_since = ? AND id < ?))' : ''}
       ORDER BY waiting_since DESC, id DESC LIMIT ?`,
      [kinds, ...(page.after ? [waitingSince, waitingSince, id] : []), page.limit],
    );
    return rows.map(({ waitingSince: since, ...row }) => ({ meme: memesOf([row])[0]!, waitingSince: since }));
  }
}
