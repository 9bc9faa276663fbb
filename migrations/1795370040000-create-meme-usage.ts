import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often each member called the meme API: by API token (empty for sessions) and by day of the community. */
export class CreateMemeUsage1795370040000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE meme_usage (
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        token_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        day DATE NOT NULL,
        calls BIGINT NOT NULL,
        charged BIGINT NOT NULL,
        last_call_at DATETIME(3) NOT NULL,
        PRIMARY KEY (member_id, token_id, day),
        CONSTRAINT fk_meme_usage_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE meme_usage');
  }
}
