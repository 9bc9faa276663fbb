import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Credits set aside for work in progress. One hold per reference, so that a repeated order finds its own.
 * The account index serves the look for lapsed holds at every touch, the status index the sweeper.
 */
export class CreateCreditHold1795340022000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE credit_hold (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        amount BIGINT NOT NULL,
        captured BIGINT NOT NULL,
        status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        ref_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        ref_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        expires_at DATETIME(3) NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_credit_hold_ref UNIQUE (ref_type, ref_id),
        INDEX ix_credit_hold_account (account_id, status, expires_at),
        INDEX ix_credit_hold_lapse (status, expires_at),
        CONSTRAINT fk_credit_hold_account FOREIGN KEY (account_id) REFERENCES credit_account (id) ON DELETE RESTRICT,
        CONSTRAINT ck_credit_hold_status CHECK (status IN ('open', 'captured', 'released')),
        CONSTRAINT ck_credit_hold_amount CHECK (amount > 0 AND captured >= 0 AND captured <= amount)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE credit_hold');
  }
}
