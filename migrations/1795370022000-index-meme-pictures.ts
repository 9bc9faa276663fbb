import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every new picture is held against all of them: an index that has the hashes alone spares reading the texts. */
export class IndexMemePictures1795370022000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE meme ADD INDEX ix_meme_picture (picture_hash)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE meme DROP INDEX ix_meme_picture');
  }
}
