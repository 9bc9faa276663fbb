import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row per member, raised by a conditional UPDATE before an export is taken: counting rows would be no guard. */
export class CreateExportQuota1795340042000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE export_quota (
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        day DATE NOT NULL,
        started INT NOT NULL,
        active INT NOT NULL,
        PRIMARY KEY (member_id),
        CONSTRAINT ck_export_quota_started CHECK (started >= 0),
        CONSTRAINT ck_export_quota_active CHECK (active >= 0),
        CONSTRAINT fk_export_quota_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE export_quota');
  }
}
