import { expect } from '@jest/globals';
import sharp from 'sharp';
import type { Meme } from '../../src/features/memes/entities/meme.js';
import { trendOf } from '../../src/features/memes/making/trending.rules.js';
import type { GivenMember } from './app.js';
import { insertMeme, subscribed } from './given-memes.js';
import { openUploads } from './uploads-harness.js';

/** An application in which members make memes of pictures that were uploaded and checked. */
export type MemesHarness = Awaited<ReturnType<typeof openMemes>>;

export interface MemeBody {
  id: string; caption: string; upper: string; lower: string; template: string; imageUrl: string; tags: string[]; language: string | null; lat?: number; lon?: number;
  likes: number; kind: string; rating: string; status: string; createdAt: string;
}

export async function openMemes(environment: NodeJS.ProcessEnv = {}) {
  const uploads = await openUploads(environment);
  const { http, database, given } = uploads;
  let admin: GivenMember | undefined;

  /** The id of a file of theirs that is ready. */
  const upload = async (member: GivenMember, bytes: Buffer, name = 'coffee machine.png'): Promise<string> => {
    const { id } = await uploads.send(member, bytes, { name });
    expect((await uploads.until(id)).state).toBe('ready');
    return id;
  };
  const post = (member: { auth: object }, body: object) => http.post('/api/memes').set(member.auth as Record<string, string>).send(body);

  return {
    ...uploads,
    upload,
    post,
    /** A meme of a picture that there was not before. */
    async make(member: GivenMember, body: object = {}): Promise<MemeBody> {
      const fileId = await upload(member, await newPicture());
      const { body: meme } = (await post(member, { fileId, upper: 'up', lower: 'down', ...body }).expect(201)) as { body: MemeBody };
      return meme;
    },
    /** Signed in with the entitlement to generated memes. */
    async subscriber(options: { role?: 'member' | 'moderator' } = {}): Promise<GivenMember> {
      admin ??= await given.member({ role: 'admin' });
      return subscribed(uploads, admin, await given.member(options));
    },
    /** The id of a meme that was generated for this member. */
    generated(member: GivenMember, caption = 'generated'): Promise<string> {
      return insertMeme(uploads, { template: 'blank', caption, upper: caption, imageUrl: `/api/memes/render/blank/${caption}/_.webp`, kind: 'ai', createdBy: member.id });
    },
    /** Its row, whatever became of it. */
    async row(id: string): Promise<Record<keyof Meme, unknown>> {
      const [row] = await database.rows<Record<string, unknown>>('SELECT * FROM meme WHERE id = ?', [id]);
      return Object.fromEntries(Object.entries(row!).map(([name, value]) => [name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value])) as Record<keyof Meme, unknown>;
    },
    /** What is wrong with the counts and trends of memes. */
    async likeViolations(): Promise<string[]> {
      const rows = await database.rows<{ id: string; likes: number; trend: number | null }>('SELECT id, likes, trend FROM meme');
      const likes = await database.rows<{ memeId: string; at: Date }>('SELECT meme_id AS memeId, created_at AS at FROM meme_like');
      return rows.flatMap(({ id, likes: counted, trend }) => {
        const times = likes.filter(({ memeId }) => memeId === id).map(({ at }) => at);
        const expected = trendOf(times);
        const isTrendRight = expected === null || trend === null ? expected === trend : Math.abs(expected - trend) < 1e-6;
        return counted === times.length && isTrendRight ? [] : [`${id}: ${counted} likes, trend ${trend}; in truth ${times.length}, ${expected}`];
      });
    },
  };
}

/** A picture that looks like no other. */
export const newPicture = (): Promise<Buffer> => pictureOf(newCells());

/** The brightness of 9 × 8 cells, each of which differs from its neighbours by more than any compression makes of them. */
export function newCells(): Buffer {
  const cells = Buffer.alloc(9 * 8);
  for (let i = 0; i < cells.length; i += 1) cells[i] = ((i % 9 ? cells[i - 1]! : 0) + 60 * (1 + Math.floor(Math.random() * 4))) % 300;
  return cells;
}

export function pictureOf(cells: Buffer): Promise<Buffer> {
  return sharp(cells, { raw: { width: 9, height: 8, channels: 1 } }).resize(180, 160, { kernel: 'nearest' }).png().toBuffer();
}
