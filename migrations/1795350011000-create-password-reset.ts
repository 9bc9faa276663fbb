import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens that set a new password, each for half an hour and one use. */
export class CreatePasswordReset1795350011000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE password_reset (
        token_hash BINARY(32) NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        expires_at DATETIME(3) NOT NULL,
        used_at DATETIME(3) NULL,
        PRIMARY KEY (token_hash),
        INDEX ix_password_reset_member (member_id),
        INDEX ix_password_reset_expires_at (expires_at),
        CONSTRAINT fk_password_reset_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE password_reset');
  }
}
