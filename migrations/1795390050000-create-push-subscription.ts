import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Browsers that want to be told of messages. A member has at most as many as there are places. */
export class CreatePushSubscription1795390050000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE push_subscription (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        place INT NOT NULL,
        endpoint_hash BINARY(32) NOT NULL,
        endpoint VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        p256dh VARCHAR(87) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        auth VARCHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        key_id VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        created_at DATETIME(3) NOT NULL,
        renewed_at DATETIME(3) NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_push_subscription_endpoint UNIQUE (endpoint_hash),
        CONSTRAINT uq_push_subscription_place UNIQUE (member_id, place),
        CONSTRAINT fk_push_subscription_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE push_subscription');
  }
}
