import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files that were sent with a message. */
export class CreateChatAttachment1795390014000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_attachment (
        message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        position INT NOT NULL,
        file_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        name VARCHAR(255) NOT NULL,
        media_type VARCHAR(127) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        bytes BIGINT NOT NULL,
        width INT NULL,
        height INT NULL,
        PRIMARY KEY (message_id, position),
        CONSTRAINT fk_chat_attachment_message FOREIGN KEY (message_id) REFERENCES chat_message (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_attachment');
  }
}
