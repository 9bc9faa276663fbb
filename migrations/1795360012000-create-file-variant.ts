import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Smaller pictures of a picture. */
export class CreateFileVariant1795360012000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE file_variant (
        file_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        blob_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        mime VARCHAR(127) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        width INT NOT NULL,
        height INT NOT NULL,
        PRIMARY KEY (file_id, kind),
        INDEX ix_file_variant_blob (blob_id),
        CONSTRAINT fk_file_variant_file FOREIGN KEY (file_id) REFERENCES file (id) ON DELETE CASCADE,
        CONSTRAINT fk_file_variant_blob FOREIGN KEY (blob_id) REFERENCES file_blob (id) ON DELETE RESTRICT
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE file_variant');
  }
}
