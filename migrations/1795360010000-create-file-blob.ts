import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Stored bytes, once for all who have the same. (`blob` alone is a reserved word.) */
export class CreateFileBlob1795360010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE file_blob (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
        size BIGINT NOT NULL,
        refs INT NOT NULL,
        storage_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_file_blob_sha UNIQUE (sha256),
        CONSTRAINT uq_file_blob_storage UNIQUE (storage_key),
        INDEX ix_file_blob_refs (refs),
        CONSTRAINT ck_file_blob_refs CHECK (refs >= -1),
        CONSTRAINT ck_file_blob_sha CHECK ((sha256 IS NULL) = (refs = -1))
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE file_blob');
  }
}
