import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the audit log ends: one row, which every writer writes, so that entries follow one another. */
export class CreateAuditHead1795350017000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE audit_head (
        id INT NOT NULL,
        seq BIGINT NOT NULL,
        hash BINARY(32) NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT ck_audit_head_id CHECK (id = 1)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE audit_head');
  }
}
