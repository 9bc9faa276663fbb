import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who likes what, once each. */
export class CreateMemeLike1795370020000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE meme_like (
        meme_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (meme_id, member_id),
        CONSTRAINT fk_meme_like_meme FOREIGN KEY (meme_id) REFERENCES meme (id) ON DELETE CASCADE,
        CONSTRAINT fk_meme_like_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE meme_like');
  }
}
