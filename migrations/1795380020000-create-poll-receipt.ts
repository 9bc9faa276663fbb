import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which link of the chain covers a receipt. */
export class CreatePollReceipt1795380020000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE poll_receipt (
        poll_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        receipt VARCHAR(65) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        link_seq INT NOT NULL,
        PRIMARY KEY (poll_id, receipt),
        KEY ix_poll_receipt_link (poll_id, link_seq, receipt),
        CONSTRAINT fk_poll_receipt_poll FOREIGN KEY (poll_id) REFERENCES poll (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE poll_receipt');
  }
}
