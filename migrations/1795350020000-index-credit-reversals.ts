import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An entry is reversed once: entries that reverse nothing are NULL there, which no unique key holds apart. */
export class IndexCreditReversals1795350020000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE credit_entry ADD CONSTRAINT uq_credit_entry_reverses UNIQUE (account_id, reverses_seq)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE credit_entry DROP INDEX uq_credit_entry_reverses');
  }
}
