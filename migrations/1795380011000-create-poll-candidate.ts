import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What can be voted for. */
export class CreatePollCandidate1795380011000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE poll_candidate (
        poll_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        position INT NOT NULL,
        name VARCHAR(200) NOT NULL,
        description TEXT NULL,
        withdrawn TINYINT NOT NULL,
        PRIMARY KEY (poll_id, id),
        CONSTRAINT fk_poll_candidate_poll FOREIGN KEY (poll_id) REFERENCES poll (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE poll_candidate');
  }
}
