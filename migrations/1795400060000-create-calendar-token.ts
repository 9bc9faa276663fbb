import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses under which calendars read a member's reservations: at most one each. */
export class CreateCalendarToken1795400060000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE calendar_token (
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        token_hash BINARY(32) NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (member_id),
        CONSTRAINT uq_calendar_token_hash UNIQUE (token_hash),
        CONSTRAINT fk_calendar_token_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE calendar_token');
  }
}
