import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Webhooks of the sandbox that are still to be delivered, in the shape of a lease queue; a row goes when it was taken. */
export class CreateSandboxWebhook1795400072000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE sandbox_webhook (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        body VARCHAR(1000) NOT NULL,
        attempts INT NOT NULL,
        due_at DATETIME(3) NOT NULL,
        run_at DATETIME(3) NOT NULL,
        lease_token CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        lease_until DATETIME(3) NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_sandbox_webhook_lease UNIQUE (lease_token),
        KEY ix_sandbox_webhook_run (run_at, id)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE sandbox_webhook');
  }
}
