import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The words of messages. By the key they are found; by the index those of one message are removed, whatever rules they
 * were made by. The foreign key is to the cursor and not to the conversation: inserting would wait for who sends there.
 */
export class CreateChatWord1795390041000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_word (
        conversation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        word VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        no BIGINT NOT NULL,
        PRIMARY KEY (conversation_id, word, no),
        KEY ix_chat_word_message (conversation_id, no),
        CONSTRAINT fk_chat_word_cursor FOREIGN KEY (conversation_id) REFERENCES chat_search_cursor (conversation_id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_word');
  }
}
