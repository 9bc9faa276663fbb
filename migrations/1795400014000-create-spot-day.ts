import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a spot is taken: the 96 quarter-hours of a UTC day, a bit each. */
export class CreateSpotDay1795400014000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE spot_day (
        spot_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        day DATE NOT NULL,
        lo BIGINT UNSIGNED NOT NULL,
        hi BIGINT UNSIGNED NOT NULL,
        PRIMARY KEY (spot_id, day),
        CONSTRAINT fk_spot_day_spot FOREIGN KEY (spot_id) REFERENCES spot (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE spot_day');
  }
}
