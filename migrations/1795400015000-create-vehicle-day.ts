import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a vehicle is expected somewhere: the 96 quarter-hours of a UTC day, a bit each. */
export class CreateVehicleDay1795400015000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE vehicle_day (
        vehicle_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        day DATE NOT NULL,
        lo BIGINT UNSIGNED NOT NULL,
        hi BIGINT UNSIGNED NOT NULL,
        PRIMARY KEY (vehicle_id, day),
        CONSTRAINT fk_vehicle_day_vehicle FOREIGN KEY (vehicle_id) REFERENCES vehicle (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE vehicle_day');
  }
}
