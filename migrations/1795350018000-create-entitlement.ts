import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Permissions that a member has beside those of their role, until a date. */
export class CreateEntitlement1795350018000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE entitlement (
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        permission VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        until DATETIME(3) NOT NULL,
        PRIMARY KEY (member_id, permission),
        CONSTRAINT fk_entitlement_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE entitlement');
  }
}
