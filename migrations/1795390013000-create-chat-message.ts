import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages as they are now. The id that the sender made up makes a message that is sent twice one message. */
export class CreateChatMessage1795390013000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_message (
        conversation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        no BIGINT NOT NULL,
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        seq BIGINT NOT NULL,
        sender_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        client_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        body TEXT NULL,
        body_hash BINARY(32) NULL,
        reply_to CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        thread_root CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        created_at DATETIME(3) NOT NULL,
        edited_at DATETIME(3) NULL,
        version INT NOT NULL,
        deleted_at DATETIME(3) NULL,
        PRIMARY KEY (conversation_id, no),
        CONSTRAINT uq_chat_message_id UNIQUE (id),
        CONSTRAINT uq_chat_message_client UNIQUE (conversation_id, sender_id, client_id),
        CONSTRAINT fk_chat_message_conversation FOREIGN KEY (conversation_id) REFERENCES chat_conversation (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_message');
  }
}
