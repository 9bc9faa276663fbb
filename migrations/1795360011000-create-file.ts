import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of members, from the first byte on, and what became of them. */
export class CreateFile1795360011000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE file (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        owner_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        purpose VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        door VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        name VARCHAR(255) NOT NULL,
        size BIGINT NULL,
        reserved BIGINT NOT NULL,
        sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
        mime VARCHAR(127) CHARACTER SET ascii COLLATE ascii_bin NULL,
        width INT NULL,
        height INT NULL,
        reject_code VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
        attempt INT NOT NULL,
        blob_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        created_at DATETIME(3) NOT NULL,
        expires_at DATETIME(3) NULL,
        finished_at DATETIME(3) NULL,
        PRIMARY KEY (id),
        INDEX ix_file_owner (owner_id, id),
        INDEX ix_file_expiry (state, expires_at),
        INDEX ix_file_finished (finished_at),
        INDEX ix_file_served (blob_id),
        CONSTRAINT ck_file_state CHECK (state IN ('receiving', 'processing', 'ready', 'rejected', 'expired', 'deleted')),
        CONSTRAINT ck_file_reserved CHECK (reserved >= 0 AND (reserved = 0 OR state IN ('receiving', 'processing'))),
        CONSTRAINT ck_file_received CHECK (state NOT IN ('processing', 'ready') OR (size IS NOT NULL AND sha256 IS NOT NULL AND mime IS NOT NULL)),
        CONSTRAINT ck_file_served CHECK ((blob_id IS NOT NULL) = (state = 'ready')),
        CONSTRAINT ck_file_reject CHECK ((reject_code IS NOT NULL) = (state = 'rejected')),
        CONSTRAINT ck_file_expiry CHECK ((expires_at IS NOT NULL) = (state = 'receiving')),
        CONSTRAINT fk_file_owner FOREIGN KEY (owner_id) REFERENCES member (id) ON DELETE RESTRICT,
        CONSTRAINT fk_file_blob FOREIGN KEY (blob_id) REFERENCES file_blob (id) ON DELETE RESTRICT
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE file');
  }
}
