import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who takes part in a conversation, how far they have read, and what they may do. Whoever has left stays on record. */
export class CreateChatMember1795390011000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_member (
        conversation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        role VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        joined_seq BIGINT NOT NULL,
        joined_at DATETIME(3) NOT NULL,
        left_seq BIGINT NULL,
        read_seq BIGINT NOT NULL,
        read_no BIGINT NOT NULL,
        delivered_seq BIGINT NOT NULL,
        last_sent_at DATETIME(3) NULL,
        muted_until DATETIME(3) NULL,
        banned_until DATETIME(3) NULL,
        notify VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        PRIMARY KEY (conversation_id, member_id),
        INDEX ix_chat_member_of (member_id, conversation_id),
        INDEX ix_chat_member_joined (joined_at),
        CONSTRAINT fk_chat_member_conversation FOREIGN KEY (conversation_id) REFERENCES chat_conversation (id) ON DELETE CASCADE,
        CONSTRAINT fk_chat_member_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_member');
  }
}
