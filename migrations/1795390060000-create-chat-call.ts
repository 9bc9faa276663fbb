import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The one call of a conversation: the last one, once it is over. Whoever changes it writes this row first. */
export class CreateChatCall1795390060000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_call (
        conversation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        caller_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        media VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        version INT NOT NULL,
        started_at DATETIME(3) NOT NULL,
        rings_until DATETIME(3) NOT NULL,
        PRIMARY KEY (conversation_id),
        CONSTRAINT uq_chat_call_id UNIQUE (id),
        INDEX ix_chat_call_state (state),
        CONSTRAINT fk_chat_call_conversation FOREIGN KEY (conversation_id) REFERENCES chat_conversation (id) ON DELETE CASCADE,
        CONSTRAINT fk_chat_call_caller FOREIGN KEY (caller_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_call');
  }
}
