import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an hour moved is summed up without reading every book. */
export class IndexCreditEntryTimes1795350053000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE credit_entry ADD INDEX ix_credit_entry_created (created_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE credit_entry DROP INDEX ix_credit_entry_created');
  }
}
