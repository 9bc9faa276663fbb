import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row a poll, written by every batch of votes and by the close: of the two, one goes first. */
export class CreatePollGuard1795380013000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE poll_guard (
        poll_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        open TINYINT NOT NULL,
        opens_at DATETIME(3) NULL,
        closes_at DATETIME(3) NOT NULL,
        version BIGINT NOT NULL,
        edition INT NOT NULL,
        cast_at DATETIME(3) NULL,
        link_seq INT NOT NULL,
        link_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        PRIMARY KEY (poll_id),
        CONSTRAINT fk_poll_guard_poll FOREIGN KEY (poll_id) REFERENCES poll (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE poll_guard');
  }
}
