import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A conversation, and the numbers of its log: whoever adds to the log writes this row first. */
export class CreateChatConversation1795390010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_conversation (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        title VARCHAR(200) NULL,
        dm_key VARCHAR(73) CHARACTER SET ascii COLLATE ascii_bin NULL,
        epoch INT NOT NULL,
        first_seq BIGINT NOT NULL,
        last_seq BIGINT NOT NULL,
        last_no BIGINT NOT NULL,
        slow_mode_seconds INT NOT NULL,
        posting VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        created_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        created_at DATETIME(3) NOT NULL,
        active_at DATETIME(3) NOT NULL,
        archived_at DATETIME(3) NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_chat_conversation_dm UNIQUE (dm_key),
        CONSTRAINT fk_chat_conversation_member FOREIGN KEY (created_by) REFERENCES member (id) ON DELETE SET NULL
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_conversation');
  }
}
