import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Conversations with messages of which nobody was told by push yet. Without a foreign key: checking one would lock a conversation that is being written to. */
export class CreateChatPushWave1795390051000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chat_push_wave (
        conversation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        from_no BIGINT NOT NULL,
        up_to_no BIGINT NOT NULL,
        run_at DATETIME(3) NOT NULL,
        lease_token CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        lease_until DATETIME(3) NULL,
        PRIMARY KEY (conversation_id),
        CONSTRAINT uq_chat_push_wave_lease UNIQUE (lease_token),
        KEY ix_chat_push_wave_run (run_at, conversation_id)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_push_wave');
  }
}
