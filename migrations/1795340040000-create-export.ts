import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of data that members ordered. */
export class CreateExport1795340040000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // active_fingerprint is null once the export has ended, so the unique key holds among unfinished ones only.
    await queryRunner.query(`
      CREATE TABLE export (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        permissions VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        format VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        compression VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        filters JSON NOT NULL,
        column_names JSON NOT NULL,
        guard TINYINT(1) NOT NULL,
        bom TINYINT(1) NOT NULL,
        active_fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
        state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        attempt INT NOT NULL,
        hold_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        snapshot_at DATETIME(3) NULL,
        rows_done BIGINT NOT NULL,
        rows_estimated BIGINT NULL,
        bytes BIGINT NULL,
        sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
        storage_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL,
        error_code VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
        created_at DATETIME(3) NOT NULL,
        started_at DATETIME(3) NULL,
        finished_at DATETIME(3) NULL,
        expires_at DATETIME(3) NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_export_active UNIQUE (member_id, active_fingerprint),
        INDEX ix_export_member (member_id, id),
        INDEX ix_export_expiry (state, expires_at),
        CONSTRAINT ck_export_state CHECK (state IN ('queued', 'running', 'succeeded', 'expired', 'failed', 'cancelled')),
        CONSTRAINT ck_export_active CHECK ((active_fingerprint IS NOT NULL) = (state IN ('queued', 'running'))),
        CONSTRAINT ck_export_file CHECK (state <> 'succeeded' OR (storage_key IS NOT NULL AND sha256 IS NOT NULL AND bytes IS NOT NULL AND expires_at IS NOT NULL)),
        CONSTRAINT ck_export_error CHECK ((error_code IS NOT NULL) = (state = 'failed')),
        CONSTRAINT fk_export_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE RESTRICT,
        CONSTRAINT fk_export_hold FOREIGN KEY (hold_id) REFERENCES credit_hold (id) ON DELETE RESTRICT
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE export');
  }
}
