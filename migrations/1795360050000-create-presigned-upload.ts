import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files whose bytes go straight to the storage, until they are taken from where their sender put them. */
export class CreatePresignedUpload1795360050000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE presigned_upload (
        file_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
        taken_at DATETIME(3) NULL,
        PRIMARY KEY (file_id),
        CONSTRAINT fk_presigned_upload_file FOREIGN KEY (file_id) REFERENCES file (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE presigned_upload');
  }
}
