import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where spots are, and by which rules they are let. */
export class CreateGarage1795400010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE garage (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        name VARCHAR(200) NOT NULL,
        address VARCHAR(300) NOT NULL,
        zipcode VARCHAR(20) NOT NULL,
        lat DOUBLE NOT NULL,
        lon DOUBLE NOT NULL,
        time_zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        hold_seconds INT NOT NULL,
        max_advance_days INT NOT NULL,
        min_minutes INT NOT NULL,
        max_minutes INT NOT NULL,
        grace_minutes INT NOT NULL,
        no_show_minutes INT NOT NULL,
        cancellation JSON NOT NULL,
        tariff_version INT NOT NULL,
        frees BIGINT NOT NULL,
        full_proofs BIGINT NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (id),
        INDEX ix_garage_place (lat, lon),
        INDEX ix_garage_zipcode (zipcode)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE garage');
  }
}
