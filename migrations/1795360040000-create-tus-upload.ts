import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the tus protocol says of a file beyond the file itself, and the lease of whoever is at work on its bytes. */
export class CreateTusUpload1795360040000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE tus_upload (
        file_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        metadata VARCHAR(8192) CHARACTER SET ascii COLLATE ascii_bin NULL,
        concat VARCHAR(16384) CHARACTER SET ascii COLLATE ascii_bin NULL,
        turn BIGINT NOT NULL,
        writes BIGINT NOT NULL,
        wanted BOOLEAN NOT NULL,
        lease_until DATETIME(3) NULL,
        PRIMARY KEY (file_id),
        CONSTRAINT fk_tus_upload_file FOREIGN KEY (file_id) REFERENCES file (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE tus_upload');
  }
}
