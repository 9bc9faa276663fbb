import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is in a call that is not over, and who has rejected it. */
export class CreateChatCallParticipant1795390061000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_call_participant (
        call_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        device VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        seen_at DATETIME(3) NOT NULL,
        gone_at DATETIME(3) NULL,
        PRIMARY KEY (call_id, member_id),
        CONSTRAINT fk_chat_call_participant_call FOREIGN KEY (call_id) REFERENCES chat_call (id) ON DELETE CASCADE,
        CONSTRAINT fk_chat_call_participant_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_call_participant');
  }
}
