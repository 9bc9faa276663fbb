import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sign-ins, one for each device. */
export class CreateSession1795340011000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE session (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        refresh_hash BINARY(32) NOT NULL,
        generation INT NOT NULL,
        user_agent VARCHAR(255) NOT NULL,
        ip VARCHAR(45) NOT NULL,
        created_at DATETIME(3) NOT NULL,
        rotated_at DATETIME(3) NOT NULL,
        revoked_at DATETIME(3) NULL,
        expires_at DATETIME(3) NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_session_refresh_hash UNIQUE (refresh_hash),
        INDEX ix_session_member (member_id),
        INDEX ix_session_expires_at (expires_at),
        INDEX ix_session_revoked_at (revoked_at),
        CONSTRAINT fk_session_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE session');
  }
}
