import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row: the number of the last change of a meme. Whoever writes a meme holds it until the commit. */
export class CreateMemeFeed1795370010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE meme_feed (
        id TINYINT NOT NULL,
        seq BIGINT NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT ck_meme_feed_one CHECK (id = 1)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE meme_feed');
  }
}
