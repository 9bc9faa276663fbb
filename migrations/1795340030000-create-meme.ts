import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Pictures with words, imported or made here. */
export class CreateMeme1795340030000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // `upper` and `lower` are names of SQL functions: always quoted.
    await queryRunner.query(`
      CREATE TABLE meme (
        id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        external_id VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
        template VARCHAR(255) NOT NULL,
        caption VARCHAR(2000) NOT NULL,
        \`upper\` VARCHAR(2000) NOT NULL,
        \`lower\` VARCHAR(2000) NOT NULL,
        language VARCHAR(35) NULL,
        image_url VARCHAR(2000) NOT NULL,
        file_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        lat DOUBLE NULL,
        lon DOUBLE NULL,
        tags VARCHAR(500) NOT NULL,
        rating VARCHAR(16) NOT NULL,
        kind VARCHAR(16) NOT NULL,
        status VARCHAR(16) NOT NULL,
        likes INT NOT NULL,
        created_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_meme_external_id UNIQUE (external_id),
        INDEX ix_meme_template (template, id),
        CONSTRAINT fk_meme_member FOREIGN KEY (created_by) REFERENCES member (id) ON DELETE SET NULL,
        CONSTRAINT ck_meme_rating CHECK (rating IN ('unrated', 'safe', 'questionable', 'explicit')),
        CONSTRAINT ck_meme_kind CHECK (kind IN ('normal', 'ai')),
        CONSTRAINT ck_meme_status CHECK (status IN ('visible', 'pending', 'hidden')),
        CONSTRAINT ck_meme_likes CHECK (likes >= 0),
        CONSTRAINT ck_meme_place CHECK ((lat IS NULL) = (lon IS NULL) AND (lat IS NULL OR (lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180)))
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE meme');
  }
}
