import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each metric was in each hour: written once, never changed. */
export class CreateStatistic1795350050000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE statistic (
        metric VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        hour DATETIME(3) NOT NULL,
        value DOUBLE NOT NULL,
        PRIMARY KEY (metric, hour)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE statistic');
  }
}
