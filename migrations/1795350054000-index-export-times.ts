import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was ordered and what ended in an hour is counted without reading every export. */
export class IndexExportTimes1795350054000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE export ADD INDEX ix_export_created (created_at), ADD INDEX ix_export_finished (finished_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE export DROP INDEX ix_export_created, DROP INDEX ix_export_finished');
  }
}
