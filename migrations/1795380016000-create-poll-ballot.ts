import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every ballot that counts. Its voter and its time are known in named polls only. */
export class CreatePollBallot1795380016000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE poll_ballot (
        poll_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        choice_hash BINARY(32) NOT NULL,
        voter_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        cast_at DATETIME(3) NULL,
        PRIMARY KEY (poll_id, id),
        CONSTRAINT uq_poll_ballot_voter UNIQUE (poll_id, voter_id),
        CONSTRAINT fk_poll_ballot_poll FOREIGN KEY (poll_id) REFERENCES poll (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE poll_ballot');
  }
}
