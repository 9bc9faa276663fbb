import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a member parks. */
export class CreateVehicle1795400013000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE vehicle (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        license VARCHAR(20) NOT NULL,
        license_normalised VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        size VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        is_current TINYINT NULL,
        slot TINYINT NULL,
        bookings BIGINT NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_vehicle_license UNIQUE (member_id, country, license_normalised, is_current),
        CONSTRAINT uq_vehicle_slot UNIQUE (member_id, slot),
        CONSTRAINT fk_vehicle_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE RESTRICT
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE vehicle');
  }
}
