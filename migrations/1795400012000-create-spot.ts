import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A place for one vehicle. */
export class CreateSpot1795400012000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE spot (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        garage_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        label VARCHAR(40) NOT NULL,
        size VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        features VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        ord INT NOT NULL,
        active_from DATETIME(3) NOT NULL,
        active_to DATETIME(3) NULL,
        bookings BIGINT NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_spot_label UNIQUE (garage_id, label),
        CONSTRAINT fk_spot_garage FOREIGN KEY (garage_id) REFERENCES garage (id) ON DELETE RESTRICT
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE spot');
  }
}
