import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Secrets that let programs act for a member. */
export class CreateApiToken1795340012000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE api_token (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        name VARCHAR(80) NOT NULL,
        secret_hash BINARY(32) NOT NULL,
        permissions VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        last_used_at DATETIME(3) NULL,
        expires_at DATETIME(3) NULL,
        revoked_at DATETIME(3) NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_api_token_secret_hash UNIQUE (secret_hash),
        INDEX ix_api_token_member (member_id),
        CONSTRAINT fk_api_token_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE api_token');
  }
}
