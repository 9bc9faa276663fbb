import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What members object to in messages, once each a message, until moderators have seen to it. */
export class CreateChatReport1795390030000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_report (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        reporter_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        reason VARCHAR(500) NOT NULL,
        state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        created_at DATETIME(3) NOT NULL,
        resolved_at DATETIME(3) NULL,
        resolved_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_chat_report_once UNIQUE (message_id, reporter_id),
        INDEX ix_chat_report_state (state, id),
        CONSTRAINT fk_chat_report_message FOREIGN KEY (message_id) REFERENCES chat_message (id) ON DELETE CASCADE,
        CONSTRAINT fk_chat_report_reporter FOREIGN KEY (reporter_id) REFERENCES member (id) ON DELETE SET NULL,
        CONSTRAINT fk_chat_report_resolver FOREIGN KEY (resolved_by) REFERENCES member (id) ON DELETE SET NULL
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_report');
  }
}
