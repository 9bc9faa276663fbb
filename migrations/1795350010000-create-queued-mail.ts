import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Mails that are still to be sent, in the shape of a lease queue; a row goes when its mail has gone. */
export class CreateQueuedMail1795350010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE queued_mail (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        sealed BLOB NOT NULL,
        attempts INT NOT NULL,
        created_at DATETIME(3) NOT NULL,
        run_at DATETIME(3) NOT NULL,
        lease_token CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        lease_until DATETIME(3) NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_queued_mail_lease UNIQUE (lease_token),
        INDEX ix_queued_mail_run (run_at, id)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE queued_mail');
  }
}
