import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A spot for a vehicle and a time. */
export class CreateReservation1795400016000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE reservation (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        garage_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        spot_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        vehicle_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        size VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        features VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        starts_at DATETIME(3) NOT NULL,
        ends_at DATETIME(3) NOT NULL,
        status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        hold_expires_at DATETIME(3) NULL,
        price_minor BIGINT NOT NULL,
        currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        quote JSON NOT NULL,
        tariff_version INT NOT NULL,
        cancellation JSON NOT NULL,
        paid_minor BIGINT NOT NULL,
        refunded_minor BIGINT NOT NULL,
        extension_ends_at DATETIME(3) NULL,
        extension_quote JSON NULL,
        checked_in_at DATETIME(3) NULL,
        checked_out_at DATETIME(3) NULL,
        cancelled_at DATETIME(3) NULL,
        created_at DATETIME(3) NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (id),
        INDEX ix_reservation_spot (spot_id, status, starts_at),
        INDEX ix_reservation_vehicle (vehicle_id, status, starts_at),
        INDEX ix_reservation_member (member_id, starts_at, id),
        INDEX ix_reservation_garage (garage_id, starts_at),
        INDEX ix_reservation_hold (hold_expires_at),
        INDEX ix_reservation_made (created_at),
        INDEX ix_reservation_status (status, starts_at),
        CONSTRAINT fk_reservation_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE RESTRICT,
        CONSTRAINT fk_reservation_vehicle FOREIGN KEY (vehicle_id) REFERENCES vehicle (id) ON DELETE RESTRICT,
        CONSTRAINT ck_reservation_window CHECK (starts_at < ends_at),
        CONSTRAINT ck_reservation_money CHECK (refunded_minor >= 0 AND refunded_minor <= paid_minor)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE reservation');
  }
}
