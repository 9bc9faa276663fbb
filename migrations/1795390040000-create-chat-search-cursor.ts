import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far the messages of a conversation are in the index of words: whoever changes its words writes this row first. Without its row a conversation is indexed anew. */
export class CreateChatSearchCursor1795390040000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_search_cursor (
        conversation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        indexed_no BIGINT NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (conversation_id),
        CONSTRAINT fk_chat_search_cursor_conversation FOREIGN KEY (conversation_id) REFERENCES chat_conversation (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_search_cursor');
  }
}
