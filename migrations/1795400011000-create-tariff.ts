import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The prices of a garage, as of one version: a version never changes. */
export class CreateTariff1795400011000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE tariff (
        garage_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        version INT NOT NULL,
        elements JSON NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (garage_id, version),
        CONSTRAINT fk_tariff_garage FOREIGN KEY (garage_id) REFERENCES garage (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE tariff');
  }
}
