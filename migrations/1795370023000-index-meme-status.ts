import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Moderators ask for the few that wait for them. */
export class IndexMemeStatus1795370023000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE meme ADD INDEX ix_meme_status (status, id)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE meme DROP INDEX ix_meme_status');
  }
}
