import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Scheduled work done once per (task, period): written first, finished later. */
export class CreateTaskRun1795340001000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE task_run (
        task VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        period VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        started_at DATETIME(3) NOT NULL,
        finished_at DATETIME(3) NULL,
        PRIMARY KEY (task, period)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE task_run');
  }
}
