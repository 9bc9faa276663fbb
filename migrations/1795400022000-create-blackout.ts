import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A time at which nobody parks: on one spot, or in the whole garage. */
export class CreateBlackout1795400022000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE blackout (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        garage_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        spot_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        starts_at DATETIME(3) NOT NULL,
        ends_at DATETIME(3) NOT NULL,
        reason VARCHAR(300) NOT NULL,
        created_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (id),
        INDEX ix_blackout_garage (garage_id, starts_at),
        CONSTRAINT fk_blackout_garage FOREIGN KEY (garage_id) REFERENCES garage (id) ON DELETE CASCADE,
        CONSTRAINT fk_blackout_spot FOREIGN KEY (spot_id) REFERENCES spot (id) ON DELETE CASCADE,
        CONSTRAINT fk_blackout_member FOREIGN KEY (created_by) REFERENCES member (id) ON DELETE SET NULL
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE blackout');
  }
}
