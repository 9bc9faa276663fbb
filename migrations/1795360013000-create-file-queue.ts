import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Received files that are still to be checked, and the lease of whoever is at it. */
export class CreateFileQueue1795360013000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE file_queue (
        file_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        run_at DATETIME(3) NOT NULL,
        lease_token CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        lease_until DATETIME(3) NULL,
        PRIMARY KEY (file_id),
        CONSTRAINT uq_file_queue_lease UNIQUE (lease_token),
        INDEX ix_file_queue_run (run_at, file_id),
        CONSTRAINT fk_file_queue_file FOREIGN KEY (file_id) REFERENCES file (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE file_queue');
  }
}
