import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the sandbox has given back: a refund that is asked for again is found here. */
export class CreateSandboxRefund1795400071000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE sandbox_refund (
        refund_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        intent_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        amount_minor BIGINT NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (refund_id),
        KEY ix_sandbox_refund_intent (intent_id),
        CONSTRAINT fk_sandbox_refund_payment FOREIGN KEY (intent_id) REFERENCES sandbox_payment (intent_id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE sandbox_refund');
  }
}
