import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whom another provider's accounts belong to here. */
export class CreateIdentity1795350013000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE identity (
        provider VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        subject VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (provider, subject),
        INDEX ix_identity_member (member_id),
        CONSTRAINT fk_identity_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE identity');
  }
}
