import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many ballots say the same: all that counting needs. */
export class CreatePollTally1795380017000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE poll_tally (
        poll_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        choice_hash BINARY(32) NOT NULL,
        choice JSON NOT NULL,
        votes INT NOT NULL,
        PRIMARY KEY (poll_id, choice_hash),
        CONSTRAINT fk_poll_tally_poll FOREIGN KEY (poll_id) REFERENCES poll (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE poll_tally');
  }
}
