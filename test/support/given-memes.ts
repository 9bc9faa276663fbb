import { MemeChanges } from '../../src/features/memes/meme-changes.service.js';
import { MemeRepository, type NewMeme } from '../../src/features/memes/meme.repository.js';
import { newId } from '../../src/platform/database/columns.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import type { GivenMember, TestApp } from './app.js';

/** A meme of which only matters what is said here. */
export function newMeme(meme: Partial<NewMeme> = {}): NewMeme {
  return {
    id: newId(), template: 'Plant', caption: '', upper: '', lower: '', language: null, imageUrl: '/api/memes/render/blank/_/_.webp', fileId: null,
    lat: null, lon: null, tags: [], kind: 'normal', createdBy: null, pictureHash: null, ...meme,
  };
}

/** Stores a meme that nobody uploaded a picture for; searches find it at once. Answers its id. */
export async function insertMeme({ app }: Pick<TestApp, 'app'>, given: Partial<NewMeme>): Promise<string> {
  const of = { strict: false };
  const meme = newMeme(given);
  await app.get(Transactions, of).run(async (tx) => app.get(MemeRepository, of).insert(tx, await app.get(MemeChanges, of).number(tx), meme));
  return meme.id;
}

/** The member, signed in anew with the entitlement to generated memes. */
export async function subscribed({ http }: Pick<TestApp, 'http'>, admin: GivenMember, member: GivenMember): Promise<GivenMember> {
  await http.put(`/api/members/${member.id}/entitlements/memes.ai`).set(admin.auth).send({ until: '2099-01-01T00:00:00Z' }).expect(200);
  const { body } = (await http.post('/api/sessions').send({ email: member.email, password: member.password }).expect(201)) as { body: { accessToken: string } };
  return { ...member, accessToken: body.accessToken, auth: { Authorization: `Bearer ${body.accessToken}` } };
}
