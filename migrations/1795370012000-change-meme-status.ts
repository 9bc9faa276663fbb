import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A deleted meme stays as an empty row, so that every process hears of its end. */
export class ChangeMemeStatus1795370012000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE meme
        DROP CONSTRAINT ck_meme_status,
        ADD CONSTRAINT ck_meme_status CHECK (status IN ('visible', 'pending', 'hidden', 'deleted'))
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("DELETE FROM meme WHERE status = 'deleted'");
    await queryRunner.query(`
      ALTER TABLE meme
        DROP CONSTRAINT ck_meme_status,
        ADD CONSTRAINT ck_meme_status CHECK (status IN ('visible', 'pending', 'hidden'))
    `);
  }
}
