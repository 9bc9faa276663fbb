import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whom a message calls by name. */
export class CreateChatMention1795390015000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_mention (
        conversation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        no BIGINT NOT NULL,
        PRIMARY KEY (conversation_id, member_id, no),
        CONSTRAINT fk_chat_mention_message FOREIGN KEY (conversation_id, no) REFERENCES chat_message (conversation_id, no) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_mention');
  }
}
