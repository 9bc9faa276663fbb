import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The append-only book of every account; an account that has entries cannot be deleted. */
export class CreateCreditEntry1795340021000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE credit_entry (
        account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        seq BIGINT NOT NULL,
        kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        amount BIGINT NOT NULL,
        balance_after BIGINT NOT NULL,
        counter VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        actor_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        reason VARCHAR(500) NULL,
        ref_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
        ref_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
        reverses_seq BIGINT NULL,
        effective_at DATETIME(3) NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (account_id, seq),
        CONSTRAINT fk_credit_entry_account FOREIGN KEY (account_id) REFERENCES credit_account (id) ON DELETE RESTRICT,
        CONSTRAINT ck_credit_entry_seq CHECK (seq >= 1),
        CONSTRAINT ck_credit_entry_kind CHECK (
          kind IN ('signup', 'accrual', 'capture', 'spend', 'refund', 'adjustment', 'transfer', 'reversal', 'purchase')
        ),
        CONSTRAINT ck_credit_entry_amount CHECK (amount <> 0)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE credit_entry');
  }
}
