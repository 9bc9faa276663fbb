import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Money or credits for a stay, or for the rest of a longer one. */
export class CreatePayment1795400017000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE payment (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        reservation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        method VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        provider VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
        status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        is_open TINYINT NULL,
        amount_minor BIGINT NOT NULL,
        currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        credits BIGINT NOT NULL,
        entry_seq BIGINT NULL,
        intent_id VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
        client_secret VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
        url VARCHAR(500) NULL,
        ends_at DATETIME(3) NOT NULL,
        quote JSON NOT NULL,
        refunded_minor BIGINT NOT NULL,
        refunded_credits BIGINT NOT NULL,
        created_at DATETIME(3) NOT NULL,
        paid_at DATETIME(3) NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_payment_open UNIQUE (reservation_id, is_open),
        CONSTRAINT uq_payment_intent UNIQUE (provider, intent_id),
        CONSTRAINT fk_payment_reservation FOREIGN KEY (reservation_id) REFERENCES reservation (id) ON DELETE RESTRICT
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE payment');
  }
}
