import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each owner has. `last_accrual_date` is null for accounts that never accrue (API calls). */
export class CreateCreditAccount1795340020000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE credit_account (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        owner_kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        owner_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        unit VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        posted BIGINT NOT NULL,
        held BIGINT NOT NULL,
        seq BIGINT NOT NULL,
        version BIGINT NOT NULL,
        last_accrual_date DATE NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_credit_account_owner UNIQUE (owner_kind, owner_id, unit),
        CONSTRAINT ck_credit_account_owner_kind CHECK (owner_kind IN ('member', 'api_token')),
        CONSTRAINT ck_credit_account_unit CHECK (unit IN ('credit', 'call')),
        CONSTRAINT ck_credit_account_posted CHECK (posted >= 0),
        CONSTRAINT ck_credit_account_held CHECK (held >= 0 AND held <= posted)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE credit_account');
  }
}
