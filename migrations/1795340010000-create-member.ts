import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The people of the community. */
export class CreateMember1795340010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE member (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        email VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        email_verified_at DATETIME(3) NULL,
        display_name VARCHAR(80) NOT NULL,
        password_hash VARCHAR(255) NULL,
        role VARCHAR(16) NOT NULL,
        permission_version INT NOT NULL,
        last_active_at DATETIME(3) NULL,
        created_at DATETIME(3) NOT NULL,
        disabled_at DATETIME(3) NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_member_email UNIQUE (email),
        CONSTRAINT ck_member_role CHECK (role IN ('member', 'moderator', 'operator', 'admin')),
        INDEX ix_member_display_name (display_name, id)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE member');
  }
}
