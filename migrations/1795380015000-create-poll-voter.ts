import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who has voted, by a name that only the poll can make. Without a time, or anything else that leads to a ballot. */
export class CreatePollVoter1795380015000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE poll_voter (
        poll_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        voter_key BINARY(32) NOT NULL,
        claim BINARY(16) NOT NULL,
        PRIMARY KEY (poll_id, voter_key),
        CONSTRAINT fk_poll_voter_poll FOREIGN KEY (poll_id) REFERENCES poll (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE poll_voter');
  }
}
