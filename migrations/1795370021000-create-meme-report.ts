import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What members object to, once each a meme. */
export class CreateMemeReport1795370021000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE meme_report (
        meme_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        reason VARCHAR(500) NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (meme_id, member_id),
        CONSTRAINT fk_meme_report_meme FOREIGN KEY (meme_id) REFERENCES meme (id) ON DELETE CASCADE,
        CONSTRAINT fk_meme_report_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE meme_report');
  }
}
