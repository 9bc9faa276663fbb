import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who joined in an hour is counted without reading every member. */
export class IndexMemberJoining1795350052000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE member ADD INDEX ix_member_created (created_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE member DROP INDEX ix_member_created');
  }
}
