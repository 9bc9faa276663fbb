import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';

/** What no picture for everyone may be taken from: what is not visible, and AI memes, which most must not know of. */
const SHOWN = "status = 'visible' AND kind = 'normal'";

/** A way to write the name of a template, and the upload of the oldest meme with that name that has one. */
export interface TemplatePicture {
  readonly template: string;
  readonly fileId: string | null;
}

/** Which uploads the pictures of templates are. */
@Injectable()
export class TemplatePictureRepository {
  constructor(private readonly database: Database) {}

  /** Each way of writing that the database takes for one of these names: those with a picture first, from the oldest on. */
  async list(names: readonly string[]): Promise<TemplatePicture[]> {
    // Grouped by bytes: the collation takes some names for the same that are not.
    return this.database.rows<TemplatePicture>(
      `SELECT spelling.template, pictured.file_id AS fileId
       FROM (SELECT MIN(template) AS template, MIN(CASE WHEN file_id IS NOT NULL THEN id END) AS pictured_id
             FROM meme WHERE template IN (?) AND ${SHOWN} GROUP BY CAST(template AS BINARY)) spelling
       LEFT JOIN meme pictured ON pictured.id = spelling.pictured_id
       ORDER BY spelling.pictured_id IS NULL, spelling.pictured_id`,
      [names],
    );
  }

  /** The upload that this meme was made of; null when it has none that is shown, undefined when there never was such a meme. */
  async findFileOf(memeId: string): Promise<string | null | undefined> {
    const [row] = await this.database.rows<{ fileId: string | null }>(`SELECT CASE WHEN ${SHOWN} THEN file_id END AS fileId FROM meme WHERE id = ?`, [memeId]);
    return row?.fileId;
  }
}
