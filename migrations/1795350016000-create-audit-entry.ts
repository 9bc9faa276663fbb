import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who did what to whom. Never changed or removed; each entry carries the hash of the one before. */
export class CreateAuditEntry1795350016000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE audit_entry (
        seq BIGINT NOT NULL,
        at DATETIME(3) NOT NULL,
        actor_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        action VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        subject_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        subject_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        details TEXT COLLATE utf8mb4_bin NOT NULL,
        previous_hash BINARY(32) NOT NULL,
        hash BINARY(32) NOT NULL,
        PRIMARY KEY (seq),
        INDEX ix_audit_entry_subject (subject_id),
        INDEX ix_audit_entry_action (action)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE audit_entry');
  }
}
