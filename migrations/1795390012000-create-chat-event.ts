import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happened in a conversation, numbered without a gap. It holds no text: who reads it is shown the message as it is now. */
export class CreateChatEvent1795390012000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_event (
        conversation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        seq BIGINT NOT NULL,
        type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        actor_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        payload JSON NULL,
        at DATETIME(3) NOT NULL,
        PRIMARY KEY (conversation_id, seq),
        CONSTRAINT fk_chat_event_conversation FOREIGN KEY (conversation_id) REFERENCES chat_conversation (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_event');
  }
}
