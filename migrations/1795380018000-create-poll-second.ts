import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many votes were cast in a second. */
export class CreatePollSecond1795380018000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE poll_second (
        poll_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        second DATETIME NOT NULL,
        votes INT NOT NULL,
        PRIMARY KEY (poll_id, second),
        KEY ix_poll_second_time (second),
        CONSTRAINT fk_poll_second_poll FOREIGN KEY (poll_id) REFERENCES poll (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE poll_second');
  }
}
