import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who waits for a time at which a garage was full. */
export class CreateWaitlist1795400021000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE waitlist (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        garage_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        vehicle_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        starts_at DATETIME(3) NOT NULL,
        ends_at DATETIME(3) NOT NULL,
        is_entitled TINYINT NOT NULL,
        status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        is_waiting TINYINT NULL,
        reservation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_waitlist_wish UNIQUE (garage_id, vehicle_id, starts_at, ends_at, is_waiting),
        INDEX ix_waitlist_turn (garage_id, is_waiting, created_at, id),
        INDEX ix_waitlist_member (member_id, id),
        CONSTRAINT fk_waitlist_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE,
        CONSTRAINT fk_waitlist_vehicle FOREIGN KEY (vehicle_id) REFERENCES vehicle (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE waitlist');
  }
}
