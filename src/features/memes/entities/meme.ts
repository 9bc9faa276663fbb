import { Column, Entity, Index, type ValueTransformer } from 'typeorm';
import { AsciiColumn, BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** `ai` memes were generated; whoever lacks the entitlement must not learn that they exist. */
export const MEME_KINDS = ['normal', 'ai'] as const;
export type MemeKind = (typeof MEME_KINDS)[number];
/** `pending` waits for a moderator, `hidden` was taken down; of a `deleted` one only the row is left, so that every process hears of it. */
export type MemeStatus = 'visible' | 'pending' | 'hidden' | 'deleted';
/** What a moderator said about the content; imported rows are `unrated` until someone looks. */
export const MEME_RATINGS = ['unrated', 'safe', 'questionable', 'explicit'] as const;
export type MemeRating = (typeof MEME_RATINGS)[number];

/** Tags are kept as one comma-separated text: JSON is a type on MySQL and a LONGTEXT on MariaDB. */
const asList: ValueTransformer = {
  to: (tags: readonly string[]) => tags.join(','),
  from: (text: string) => (text === '' ? [] : text.split(',')),
};

/** A picture with words. The texts are kept as they came: never trimmed, never normalised. */
@Entity()
@Index('ix_meme_template', ['template', 'id'])
@Index('ix_meme_change', ['changeSeq', 'id'])
@Index('ix_meme_status', ['status', 'id'])
export class Meme {
  @IdPrimaryColumn()
  id: string;

  /** The number of the meme in the collection it was imported from; null when it was made here. */
  @Index('uq_meme_external_id', { unique: true })
  @AsciiColumn(40, { nullable: true })
  externalId: string | null;

  @Column({ type: 'varchar', length: 255 })
  template: string;

  @Column({ type: 'varchar', length: 2000 })
  caption: string;

  @Column({ type: 'varchar', length: 2000 })
  upper: string;

  @Column({ type: 'varchar', length: 2000 })
  lower: string;

  /** BCP 47 tag of the caption's language; null when nobody said. */
  @Column({ type: 'varchar', length: 35, nullable: true })
  language: string | null;

  @Column({ type: 'text' })
  imageUrl: string;

  /** The upload that holds the picture, for memes made here. */
  @IdColumn({ nullable: true })
  fileId: string | null;

  /** Degrees north, WGS 84. */
  @Column({ type: 'double', nullable: true })
  lat: number | null;

  /** Degrees east, WGS 84. */
  @Column({ type: 'double', nullable: true })
  lon: number | null;

  @Column({ type: 'varchar', length: 500, transformer: asList })
  tags: string[];

  @Column({ type: 'varchar', length: 16 })
  rating: MemeRating;

  @Column({ type: 'varchar', length: 16 })
  kind: MemeKind;

  @Column({ type: 'varchar', length: 16 })
  status: MemeStatus;

  @Column({ type: 'int' })
  likes: number;

  @IdColumn({ nullable: true })
  createdBy: string | null;

  @InstantColumn()
  createdAt: Date;

  /** Number of its last change, in the feed of changes. */
  @BigintColumn({ default: 0 })
  changeSeq: number;

  /** The logarithm (base 2) of its likes, each decayed; null without likes. */
  @Column({ type: 'double', nullable: true })
  trend: number | null;

  /** What its picture looks like: a difference hash of 64 bits, for memes made here. */
  @Index('ix_meme_picture')
  @Column({ type: 'binary', length: 8, nullable: true })
  pictureHash: Buffer | null;
}
