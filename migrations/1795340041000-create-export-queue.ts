import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is still to be done, kept narrow: a row lives from the order to the export's end. */
export class CreateExportQueue1795340041000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE export_queue (
        export_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        run_at DATETIME(3) NOT NULL,
        lease_token CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        lease_until DATETIME(3) NULL,
        PRIMARY KEY (export_id),
        CONSTRAINT uq_export_queue_lease UNIQUE (lease_token),
        INDEX ix_export_queue_run (run_at, export_id),
        CONSTRAINT fk_export_queue_export FOREIGN KEY (export_id) REFERENCES export (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE export_queue');
  }
}
