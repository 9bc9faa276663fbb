import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What members answered a message with. */
export class CreateChatReaction1795390016000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_reaction (
        message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        emoji VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        at DATETIME(3) NOT NULL,
        PRIMARY KEY (message_id, emoji, member_id),
        CONSTRAINT fk_chat_reaction_message FOREIGN KEY (message_id) REFERENCES chat_message (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_reaction');
  }
}
