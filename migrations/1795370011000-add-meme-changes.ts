import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the search index and the makers of memes need to know of each: its last change, its heat, its picture. */
export class AddMemeChanges1795370011000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE meme
        ADD COLUMN change_seq BIGINT NOT NULL DEFAULT 0,
        ADD COLUMN trend DOUBLE NULL,
        ADD COLUMN picture_hash BINARY(8) NULL,
        ADD INDEX ix_meme_change (change_seq, id)
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE meme DROP INDEX ix_meme_change, DROP COLUMN change_seq, DROP COLUMN trend, DROP COLUMN picture_hash');
  }
}
