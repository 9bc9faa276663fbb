import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A question that members are asked, and how their answers are counted. */
export class CreatePoll1795380010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE poll (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        title VARCHAR(200) NOT NULL,
        description TEXT NULL,
        method VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        electorate VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        allow_change TINYINT NOT NULL,
        secrecy VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        results VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        max_score INT NOT NULL,
        quorum_min INT NULL,
        quorum_percent INT NULL,
        seed_commitment CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        created_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        created_at DATETIME(3) NOT NULL,
        ended VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
        electorate_size INT NULL,
        result JSON NULL,
        PRIMARY KEY (id),
        CONSTRAINT fk_poll_member FOREIGN KEY (created_by) REFERENCES member (id) ON DELETE SET NULL
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE poll');
  }
}
