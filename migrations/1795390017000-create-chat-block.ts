import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whom a member does not want to hear of. */
export class CreateChatBlock1795390017000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_block (
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        blocked_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        at DATETIME(3) NOT NULL,
        PRIMARY KEY (member_id, blocked_id),
        CONSTRAINT fk_chat_block_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE,
        CONSTRAINT fk_chat_block_blocked FOREIGN KEY (blocked_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_block');
  }
}
