import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who may vote in a poll that lists its voters. */
export class CreatePollElector1795380012000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE poll_elector (
        poll_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        PRIMARY KEY (poll_id, member_id),
        CONSTRAINT fk_poll_elector_poll FOREIGN KEY (poll_id) REFERENCES poll (id) ON DELETE CASCADE,
        CONSTRAINT fk_poll_elector_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE poll_elector');
  }
}
