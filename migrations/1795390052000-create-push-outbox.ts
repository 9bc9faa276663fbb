import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notifications that are to be sent, one of each conversation to each browser. What they are about is looked at when they are sent, so nothing here has to be kept in step. */
export class CreatePushOutbox1795390052000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE push_outbox (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        subscription_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        conversation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        no BIGINT NOT NULL,
        attempts INT NOT NULL,
        run_at DATETIME(3) NOT NULL,
        lease_token CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        lease_until DATETIME(3) NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_push_outbox_topic UNIQUE (subscription_id, conversation_id),
        CONSTRAINT uq_push_outbox_lease UNIQUE (lease_token),
        KEY ix_push_outbox_run (run_at, id)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE push_outbox');
  }
}
