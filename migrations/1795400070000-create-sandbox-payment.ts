import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payments at the sandbox, the provider without money. */
export class CreateSandboxPayment1795400070000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE sandbox_payment (
        intent_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        payment_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        amount_minor BIGINT NOT NULL,
        currency VARCHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        description VARCHAR(500) NOT NULL,
        status VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        refunded_minor BIGINT NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (intent_id),
        CONSTRAINT uq_sandbox_payment_payment UNIQUE (payment_id),
        CONSTRAINT ck_sandbox_payment_refunded CHECK (refunded_minor BETWEEN 0 AND amount_minor)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE sandbox_payment');
  }
}
