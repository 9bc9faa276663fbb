import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The address of a picture that is drawn here has its words in it: 1,000 characters of at most twelve each. */
export class ChangeMemeImageUrl1795370024000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE meme MODIFY image_url TEXT NOT NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('UPDATE meme SET image_url = LEFT(image_url, 2000)');
    await queryRunner.query('ALTER TABLE meme MODIFY image_url VARCHAR(2000) NOT NULL');
  }
}
