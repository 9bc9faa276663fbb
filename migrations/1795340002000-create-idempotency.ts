import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Idempotency-Keys, each with the answer that is replayed to whoever sends it again. */
export class CreateIdempotency1795340002000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // status, headers and body are set by the same transaction that inserts the row: null is never committed.
    await queryRunner.query(`
      CREATE TABLE idempotency (
        actor_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        idempotency_key VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        request_hash BINARY(32) NOT NULL,
        status SMALLINT NULL,
        headers TEXT NULL,
        body MEDIUMTEXT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (actor_id, idempotency_key),
        INDEX ix_idempotency_created_at (created_at)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE idempotency');
  }
}
