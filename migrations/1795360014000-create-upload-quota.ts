import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How much of the storage a member has: raised by a conditional UPDATE before bytes are taken. */
export class CreateUploadQuota1795360014000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE upload_quota (
        member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        used BIGINT NOT NULL,
        reserved BIGINT NOT NULL,
        max BIGINT NULL,
        unfinished INT NOT NULL,
        PRIMARY KEY (member_id),
        CONSTRAINT ck_upload_quota_used CHECK (used >= 0),
        CONSTRAINT ck_upload_quota_reserved CHECK (reserved >= 0),
        CONSTRAINT ck_upload_quota_unfinished CHECK (unfinished >= 0),
        CONSTRAINT fk_upload_quota_member FOREIGN KEY (member_id) REFERENCES member (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE upload_quota');
  }
}
