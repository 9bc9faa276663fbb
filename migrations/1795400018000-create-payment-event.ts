import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a payment provider said, once: written together with what it led to. */
export class CreatePaymentEvent1795400018000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE payment_event (
        provider VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        event_id VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        payment_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        received_at DATETIME(3) NOT NULL,
        PRIMARY KEY (provider, event_id)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE payment_event');
  }
}
