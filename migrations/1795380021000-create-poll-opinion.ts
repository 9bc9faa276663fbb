import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What voters had to say, apart from their ballots. */
export class CreatePollOpinion1795380021000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE poll_opinion (
        poll_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        voter_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        opinion VARCHAR(1000) NOT NULL,
        status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        PRIMARY KEY (poll_id, id),
        CONSTRAINT uq_poll_opinion_voter UNIQUE (poll_id, voter_id),
        CONSTRAINT fk_poll_opinion_poll FOREIGN KEY (poll_id) REFERENCES poll (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE poll_opinion');
  }
}
