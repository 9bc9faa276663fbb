import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who was active in which hour, for as long as it takes to count them. */
export class CreateMemberActivity1795350051000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE member_activity (
        hour DATETIME(3) NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        PRIMARY KEY (hour, member_id),
        INDEX ix_member_activity_member (member_id),
        CONSTRAINT fk_member_activity_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE member_activity');
  }
}
