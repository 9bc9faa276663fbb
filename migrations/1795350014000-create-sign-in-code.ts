import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a provider vouched for, between its word and its use. A row is removed by the one who uses it. */
export class CreateSignInCode1795350014000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE sign_in_code (
        code_hash BINARY(32) NOT NULL,
        purpose VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        provider VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        subject VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        email VARCHAR(254) COLLATE utf8mb4_bin NULL,
        display_name VARCHAR(80) NOT NULL,
        expires_at DATETIME(3) NOT NULL,
        PRIMARY KEY (code_hash),
        INDEX ix_sign_in_code_expires (expires_at)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE sign_in_code');
  }
}
