import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Refunds that the provider has not been told of. */
export class CreateRefundQueue1795400020000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE refund_queue (
        refund_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        run_at DATETIME(3) NOT NULL,
        lease_token CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        lease_until DATETIME(3) NULL,
        PRIMARY KEY (refund_id),
        CONSTRAINT uq_refund_queue_lease UNIQUE (lease_token),
        INDEX ix_refund_queue_run (run_at, refund_id),
        CONSTRAINT fk_refund_queue_refund FOREIGN KEY (refund_id) REFERENCES refund (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE refund_queue');
  }
}
