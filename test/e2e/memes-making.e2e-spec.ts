import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { OwnFiles } from '../../src/features/uploads/serving/own-files.service.js';
import type { GivenMember } from '../support/app.js';
import { newCells, newPicture, openMemes, pictureOf, type MemeBody, type MemesHarness } from '../support/memes-harness.js';

const UNKNOWN = '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01';

let plaza: MemesHarness;
let mia: GivenMember;
let noah: GivenMember;
let moderator: GivenMember;
let subscriber: GivenMember;

beforeAll(async () => {
  plaza = await openMemes();
  [mia, noah, moderator, subscriber] = [await plaza.given.member(), await plaza.given.member(), await plaza.given.member({ role: 'moderator' }), await plaza.subscriber()];
});
afterAll(() => plaza.close());

const found = async (query: string, as = mia): Promise<string[]> => {
  const { body } = (await plaza.http.get('/api/memes').query({ query }).set(as.auth).expect(200)) as { body: { items: MemeBody[] } };
  return body.items.map(({ id }) => id);
};
const get = (id: string, as = mia) => plaza.http.get(`/api/memes/${id}`).set(as.auth);
const patch = (id: string, body: object, as = mia) => plaza.http.patch(`/api/memes/${id}`).set(as.auth).send(body);
const remove = (id: string, as = mia) => plaza.http.delete(`/api/memes/${id}`).set(as.auth);
const codeOf = (answer: { body: { code: string } }): string => answer.body.code;

describe('POST /api/memes', () => {
  it('makes a meme of an own upload, which is found at once and shows itself', async () => {
    const fileId = await plaza.upload(mia, await newPicture(), 'Coffee Machine.jpeg');
    const { body, headers } = await plaza.post(mia, { fileId, upper: 'zebrafinch is', lower: 'back/again', tags: ['  Office ', 'COFFEE', 'office'], lat: 52.52, lon: -13.4, language: 'en' }).expect(201);
    expect(body).toEqual({
      id: expect.any(String), caption: 'zebrafinch is back/again', upper: 'zebrafinch is', lower: 'back/again', template: 'Coffee Machine',
      imageUrl: `/api/memes/render/${body.id}/zebrafinch_is/back~sagain.webp`, tags: ['office', 'coffee'], lat: 52.52, lon: -13.4, language: 'en',
      likes: 0, kind: 'normal', rating: 'unrated', status: 'visible', createdAt: expect.stringMatching(/Z$/),
    });
    expect(headers['idempotency-replayed']).toBeUndefined();
    expect(await found('zebrafinch', noah)).toEqual([body.id]);
    const { status, ...shown } = body as MemeBody;
    expect((await get(body.id, noah).expect(200)).body).toEqual(shown);
    expect(status).toBe('visible');
    expect(await plaza.row(body.id)).toMatchObject({ createdBy: mia.id, fileId, externalId: null, trend: null });
    const picture = await plaza.http.get(body.imageUrl).expect(200).expect('Content-Type', 'image/webp');
    expect((await sharp(picture.body as Buffer).metadata()).format).toBe('webp');
  });

  it('takes the name of the template that is given, and texts as they are', async () => {
    const [upper, lower] = ['x'.repeat(500), ' 😀\n\t"猫"_ '];
    const body = await plaza.make(mia, { upper, lower, template: '  A Name ' });
    expect(body).toMatchObject({ upper, lower, template: 'A Name', caption: `${upper} ${lower}`.trim(), tags: [], language: null });
    expect(body).not.toHaveProperty('lat');
    expect((await get(body.id).expect(200)).body).toMatchObject({ upper, lower });
  });

  it.each([['emoji', '😀'], ['quotes', '"'], ['ideographs', '猫']])('keeps the address of a picture with 1,000 %s', async (_, letter) => {
    const { id, imageUrl } = await plaza.make(mia, { upper: letter.repeat(500), lower: letter.repeat(500) });
    expect(decodeURIComponent(imageUrl)).toBe(`/api/memes/render/${id}/${letter.repeat(500)}/${letter.repeat(500)}.webp`);
    expect(await plaza.row(id)).toMatchObject({ imageUrl });
  });

  it('finds the place that the words name, unless one is given', async () => {
    const named = await plaza.make(mia, { upper: 'rain again', lower: 'in Hamburg' });
    expect([named.lat, named.lon]).toEqual([expect.closeTo(53.55, 0), expect.closeTo(10, 0)]);
    expect(await plaza.make(mia, { upper: 'rain again', lower: 'in Hamburg', lat: 0, lon: 0 })).toMatchObject({ lat: 0, lon: 0 });
  });

  it('may have tags alone, or words alone', async () => {
    expect(await plaza.make(mia, { upper: '', lower: '', tags: ['wordless'] })).toMatchObject({ caption: '', tags: ['wordless'], imageUrl: expect.stringMatching(/\/_\/_\.webp$/) });
    expect(await plaza.make(mia, { upper: '', lower: 'words' })).toMatchObject({ caption: 'words' });
  });

  describe('refuses', () => {
    let fileId: string;
    beforeAll(async () => {
      fileId = await plaza.upload(mia, await newPicture());
    });

    it.each<[string, string, object]>([
      ['no file', 'fileId', { fileId: undefined }],
      ['an odd file id', 'fileId', { fileId: 'seven' }],
      ['no words at the top', 'upper', { upper: undefined }],
      ['null at the bottom', 'lower', { lower: null }],
      ['nothing to find it by', 'upper', { upper: ' ', lower: '\n', tags: [] }],
      ['words that are none', 'upper', { upper: ['a'] }],
      ['501 characters', 'lower', { lower: 'x'.repeat(501) }],
      ['half a character', 'upper', { upper: 'a\ud800' }],
      ['a zero character', 'upper', { upper: 'a\0' }],
      ['11 tags', 'tags', { tags: Array.from({ length: 11 }, (_, n) => `t${n}`) }],
      ['a tag of 31 characters', 'tags', { tags: ['x'.repeat(31)] }],
      ['a tag that grows beyond that in lower case', 'tags', { tags: ['İ'.repeat(30)] }],
      ['an empty tag', 'tags', { tags: [' '] }],
      ['a tag with a comma', 'tags', { tags: ['a,b'] }],
      ['a tag with a line break', 'tags', { tags: ['a\nb'] }],
      ['a tag that is no text', 'tags', { tags: [1] }],
      ['a text for tags', 'tags', { tags: 'a' }],
      ['null for tags', 'tags', { tags: null }],
      ['a latitude alone', 'lon', { lat: 1 }],
      ['a longitude alone', 'lat', { lon: 1 }],
      ['a latitude out of range', 'lat', { lat: 90.0001, lon: 0 }],
      ['a longitude out of range', 'lon', { lat: 0, lon: -180.1 }],
      ['a latitude as text', 'lat', { lat: '1', lon: 1 }],
      ['null for a place', 'lat', { lat: null, lon: null }],
      ['an empty template', 'template', { template: ' ' }],
      ['a template on two lines', 'template', { template: 'a\nb' }],
      ['a template with half a character', 'template', { template: 'a\udc00' }],
      ['a language by its name', 'language', { language: 'Klingon spoken' }],
      ['a status', 'status', { status: 'visible' }],
      ['something unknown', 'kind', { kind: 'ai' }],
    ])('%s', async (_, path, fault) => {
      const { body } = await plaza.post(mia, { fileId, upper: 'a', lower: 'b', ...fault }).expect(400);
      expect(body).toMatchObject({ code: 'request.invalid', errors: expect.arrayContaining([expect.objectContaining({ path })]) });
    });

    it('numbers beyond numbers, and a body that is a list', async () => {
      const send = (text: string) => plaza.http.post('/api/memes').set(mia.auth).set('Content-Type', 'application/json').send(text).expect(400);
      expect((await send(`{"fileId":"${fileId}","upper":"a","lower":"b","lat":1e999,"lon":0}`)).body.errors).toContainEqual({ path: 'lat', message: expect.stringContaining('number') });
      await send(`[{"fileId":"${fileId}","upper":"a","lower":"b"}]`);
    });

    it('guests, and tokens without the permission', async () => {
      await plaza.http.post('/api/memes').send({ fileId, upper: 'a', lower: 'b' }).expect(401);
      const { body } = await plaza.http.post('/api/api-tokens').set(mia.auth).send({ name: 'reader', permissions: ['memes.read'] }).expect(201);
      const token = { Authorization: `Bearer ${body.secret}` };
      expect(codeOf(await plaza.post({ auth: token }, { fileId, upper: 'a', lower: 'b' }).expect(403))).toBe('auth.forbidden');
      for (const call of [plaza.http.patch(`/api/memes/${UNKNOWN}`).send({}), plaza.http.delete(`/api/memes/${UNKNOWN}`)]) await call.set(token).expect(403);
      await plaza.http.patch(`/api/memes/${UNKNOWN}`).send({}).expect(401);
      await plaza.http.delete(`/api/memes/${UNKNOWN}`).expect(401);
    });

    it('the file of somebody else, or of nobody', async () => {
      for (const id of [await plaza.upload(noah, await newPicture()), UNKNOWN]) expect(codeOf(await plaza.post(mia, { fileId: id, upper: 'a', lower: 'b' }).expect(404))).toBe('not-found');
    });

    it('a file that is no picture, that was rejected, or deleted', async () => {
      const text = await plaza.upload(mia, Buffer.from('not a picture'), 'a.txt');
      expect(codeOf(await plaza.post(mia, { fileId: text, upper: 'a', lower: 'b' }).expect(422))).toBe('meme.file-no-image');

      const broken = await plaza.send(mia, (await newPicture()).subarray(0, 300), { name: 'broken.png' });
      expect((await plaza.until(broken.id)).state).toBe('rejected');
      expect(codeOf(await plaza.post(mia, { fileId: broken.id, upper: 'a', lower: 'b' }).expect(409))).toBe('file.not-ready');

      const gone = await plaza.upload(mia, await newPicture());
      await plaza.app.get(OwnFiles, { strict: false }).delete(mia.id, gone);
      expect(codeOf(await plaza.post(mia, { fileId: gone, upper: 'a', lower: 'b' }).expect(410))).toBe('file.deleted');
    });
  });

  it('answers the same key with the first answer, whatever became of the file', async () => {
    const fileId = await plaza.upload(mia, await newPicture());
    const send = (body: object) => plaza.post(mia, body).set('Idempotency-Key', 'one');
    const first = await send({ fileId, upper: 'a', lower: 'b' }).expect(201);
    await plaza.app.get(OwnFiles, { strict: false }).delete(mia.id, fileId);
    const again = await send({ fileId, upper: 'a', lower: 'b' }).expect(201).expect('Idempotency-Replayed', 'true');
    expect(again.body).toEqual(first.body);
    expect(codeOf(await send({ fileId, upper: 'a', lower: 'c' }).expect(422))).toBe('idempotency.key-reused');
  });

  it('says of a meme whose file was deleted later that its picture is gone', async () => {
    const { id, imageUrl } = await plaza.make(mia);
    const { fileId } = await plaza.row(id);
    await plaza.app.get(OwnFiles, { strict: false }).delete(mia.id, fileId as string);
    await get(id).expect(200);
    expect([404, 410]).toContain((await plaza.http.get(imageUrl)).status);
  });
});

describe('pictures that look the same', () => {
  const variants: [string, (picture: Buffer) => Promise<Buffer>][] = [
    ['the same', async (picture) => picture],
    ['half as large', (picture) => sharp(picture).resize(90).png().toBuffer()],
    ['stretched', (picture) => sharp(picture).resize(400, 200, { fit: 'fill' }).png().toBuffer()],
    ['compressed', (picture) => sharp(picture).jpeg({ quality: 30 }).toBuffer()],
    ['brighter', (picture) => sharp(picture).modulate({ brightness: 1.1 }).webp().toBuffer()],
    ['cut at the edges', (picture) => sharp(picture).extract({ left: 2, top: 2, width: 176, height: 156 }).png().toBuffer()],
    ['turned, and turned back by EXIF', (picture) => sharp(picture).rotate(-90).withMetadata({ orientation: 6 }).jpeg().toBuffer()],
    ['the first frame of one that moves', async (picture) => sharp([await sharp(picture).toBuffer(), await sharp(await newPicture()).toBuffer()], { join: { animated: true } }).gif().toBuffer()],
  ];

  it.each(variants)('are refused: %s', async (_, change) => {
    const picture = await newPicture();
    const { body: original } = await plaza.post(mia, { fileId: await plaza.upload(mia, picture), upper: 'a', lower: 'b' }).expect(201);
    for (const member of [mia, noah]) {
      const { body } = await plaza.post(member, { fileId: await plaza.upload(member, await change(picture)), upper: 'other', lower: 'words' }).expect(409);
      expect(body).toMatchObject({ code: 'meme.duplicate', originalId: original.id });
    }
  });

  it('may differ in six of 64 places, and not in seven', async () => {
    const cells = newCells();
    for (let row = 0; row < 8; row += 1) {
      cells[row * 9 + 7] = 120;
      // As far from its neighbours as the others are from theirs: compression would else decide what is the brighter of two that are the same.
      cells[row * 9 + 6] = cells[row * 9 + 5]! >= 180 ? 60 : 240;
    }
    // The last cell of a row is in one comparison only: this one turns those of the first rows round.
    const turned = (rows: number) => {
      const changed = Buffer.from(cells);
      for (let row = 0; row < 8; row += 1) changed[row * 9 + 8] = row < rows ? 240 : 0;
      return pictureOf(changed);
    };
    const { body: original } = await plaza.post(mia, { fileId: await plaza.upload(mia, await turned(0)), upper: 'a', lower: '' }).expect(201);
    expect((await plaza.post(mia, { fileId: await plaza.upload(mia, await turned(6)), upper: 'a', lower: '' }).expect(409)).body.originalId).toBe(original.id);
    await plaza.post(mia, { fileId: await plaza.upload(mia, await turned(7)), upper: 'a', lower: '' }).expect(201);
  });

  it('are refused where they are plain, too; other plain pictures are not', async () => {
    const plain = (background: string) => sharp({ create: { width: 60, height: 40, channels: 3, background } }).png().toBuffer();
    const ids: string[] = [];
    for (const colour of ['#f00', '#00f', '#fff', '#000']) {
      ids.push((await plaza.post(mia, { fileId: await plaza.upload(mia, await plain(colour)), upper: colour, lower: '' }).expect(201)).body.id);
    }
    const again = await sharp(await plain('#f00')).jpeg().toBuffer();
    expect((await plaza.post(noah, { fileId: await plaza.upload(noah, again), upper: 'x', lower: '' }).expect(409)).body.originalId).toBe(ids[0]);
  });

  it('show white where they are transparent', async () => {
    const cells = newCells();
    const black = Buffer.from([...cells].flatMap((level) => [0, 0, 0, 255 - level]));
    const silhouette = await sharp(black, { raw: { width: 9, height: 8, channels: 4 } }).resize(180, 160, { kernel: 'nearest' }).png().toBuffer();
    await plaza.post(mia, { fileId: await plaza.upload(mia, silhouette), upper: 'a', lower: '' }).expect(201);
    await plaza.post(mia, { fileId: await plaza.upload(mia, await pictureOf(cells)), upper: 'a', lower: '' }).expect(409);
  });

  it('are refused without a name where the first one is not shown, and with it to who may see it', async () => {
    const picture = await newPicture();
    const { body: original } = await plaza.post(mia, { fileId: await plaza.upload(mia, picture), upper: 'a', lower: 'b' }).expect(201);
    await patch(original.id, { status: 'hidden' }, moderator).expect(200);
    const duplicate = async (member: GivenMember) => (await plaza.post(member, { fileId: await plaza.upload(member, picture), upper: 'x', lower: 'y' }).expect(409)).body;
    const toStranger = await duplicate(noah);
    expect(toStranger.code).toBe('meme.duplicate');
    expect(JSON.stringify(toStranger)).not.toContain(original.id);
    expect((await duplicate(mia)).originalId).toBe(original.id);
    expect((await duplicate(moderator)).originalId).toBe(original.id);
  });

  it('may be used again once the first one is deleted', async () => {
    const picture = await newPicture();
    const { body: original } = await plaza.post(mia, { fileId: await plaza.upload(mia, picture), upper: 'a', lower: 'b' }).expect(201);
    await remove(original.id).expect(204);
    await plaza.post(noah, { fileId: await plaza.upload(noah, picture), upper: 'a', lower: 'b' }).expect(201);
  });

  it('become one meme when twenty are posted at once', async () => {
    const picture = await newPicture();
    const orders = [{ by: mia, fileId: await plaza.upload(mia, picture) }, { by: noah, fileId: await plaza.upload(noah, await sharp(picture).jpeg().toBuffer()) }];
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => plaza.post(orders[n % 2]!.by, { fileId: orders[n % 2]!.fileId, upper: `try ${n}`, lower: 'b' })));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    for (const { status, body } of answers) if (status !== 201) expect([status, body.code, body.originalId]).toEqual([409, 'meme.duplicate', made[0]!.body.id]);
  });
});

describe('PATCH /api/memes/:id', () => {
  it('changes what is given, for who made it; search follows at once', async () => {
    const { id } = await plaza.make(mia, { upper: 'quokkaone', tags: ['x'], lat: 1, lon: 2 });
    const { body } = await patch(id, { upper: 'quokkatwo', tags: ['New', 'new'], template: 'Other', language: 'pt-BR', lat: null, lon: null }).expect(200);
    expect(body).toMatchObject({ id, upper: 'quokkatwo', lower: 'down', caption: 'quokkatwo down', tags: ['new'], template: 'Other', language: 'pt-BR', imageUrl: `/api/memes/render/${id}/quokkatwo/down.webp` });
    expect(body).not.toHaveProperty('lat');
    expect(await found('quokkaone')).toEqual([]);
    expect(await found('quokkatwo', noah)).toEqual([id]);
    expect((await patch(id, { language: null, lat: -3.5, lon: 4 }).expect(200)).body).toMatchObject({ language: null, lat: -3.5, lon: 4, upper: 'quokkatwo' });
    const { status: _, ...shown } = (await patch(id, {}).expect(200)).body as MemeBody;
    expect((await get(id, noah).expect(200)).body).toEqual(shown);
  });

  let refused: MemeBody | undefined;
  it.each<[string, string, object]>([
    ['a latitude alone', 'lon', { lat: 1 }],
    ['a latitude taken away alone', 'lat', { lat: null }],
    ['a latitude taken away beside a longitude', 'lat', { lat: null, lon: 1 }],
    ['null words', 'upper', { upper: null }],
    ['null tags', 'tags', { tags: null }],
    ['501 characters', 'lower', { lower: 'x'.repeat(501) }],
    ['a made-up status', 'status', { status: 'deleted' }],
    ['a made-up rating', 'rating', { rating: 'nice' }],
    ['another file', 'fileId', { fileId: UNKNOWN }],
    ['likes', 'likes', { likes: 5 }],
    ['nothing left to find it by', 'upper', { upper: '', lower: ' ', tags: [] }],
  ])('refuses %s', async (_, path, body) => {
    const { id } = (refused ??= await plaza.make(mia));
    const answer = await patch(id, body).expect(400);
    expect(answer.body.errors).toEqual(expect.arrayContaining([expect.objectContaining({ path })]));
    expect((await get(id)).body).toMatchObject({ upper: 'up', lower: 'down', likes: 0, tags: [] });
  });

  it('refuses words that are too many together with those of an imported meme', async () => {
    const { id } = await plaza.make(mia);
    await plaza.transactions.run((tx) => tx.write('UPDATE meme SET `lower` = ? WHERE id = ?', ['x'.repeat(1_900), id]));
    expect(codeOf(await patch(id, { upper: 'y'.repeat(100) }).expect(400))).toBe('request.invalid');
    expect((await patch(id, { upper: '😀'.repeat(99) }).expect(200)).body.caption).toHaveLength(99 * 2 + 1 + 1_900);
  });

  it('is not for others, and what moderators say is not for who made it', async () => {
    const { id } = await plaza.make(mia);
    expect(codeOf(await patch(id, { upper: 'mine' }, noah).expect(404))).toBe('not-found');
    for (const body of [{ status: 'visible' }, { rating: 'safe' }, { upper: 'x', rating: 'safe' }]) expect(codeOf(await patch(id, body).expect(403))).toBe('auth.forbidden');
    expect((await get(id)).body).toMatchObject({ upper: 'up', rating: 'unrated' });
    for (const id404 of [UNKNOWN, 'seven']) expect(codeOf(await patch(id404, {}).expect(404))).toBe('not-found');
  });

  it('lets moderators rate, hide and reword what others made, on the record', async () => {
    const admin = await plaza.given.member({ role: 'admin' });
    const { id } = await plaza.make(mia, { upper: 'wombatword' });
    expect((await patch(id, { rating: 'questionable', status: 'hidden', lower: 'reworded' }, moderator).expect(200)).body).toMatchObject({ rating: 'questionable', status: 'hidden', lower: 'reworded' });
    await get(id, noah).expect(404);
    expect(await found('wombatword')).toEqual([]);
    await patch(id, { status: 'visible' }, moderator).expect(200);
    expect(await found('wombatword')).toEqual([id]);
    await patch(id, { status: 'visible', lower: 'reworded' }, moderator).expect(200);
    const { body } = await plaza.http.get('/api/admin/audit').query({ subjectId: id }).set(admin.auth).expect(200);
    expect(body.items.map(({ action, actorId, details }: Record<string, unknown>) => ({ action, actorId, details }))).toEqual([
      { action: 'meme.moderated', actorId: moderator.id, details: { fields: ['status'], dismissedReports: 0, status: { before: 'hidden', after: 'visible' } } },
      {
        action: 'meme.moderated', actorId: moderator.id,
        details: { fields: ['caption', 'imageUrl', 'lower', 'rating', 'status'], dismissedReports: 0, rating: { before: 'unrated', after: 'questionable' }, status: { before: 'visible', after: 'hidden' } },
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('wombatword');
  });

  it('keeps a rating for what it was about: other words of who made it are unrated', async () => {
    const { id } = await plaza.make(mia);
    const rated = async (body: object, as = mia): Promise<string> => {
      await patch(id, { rating: 'safe' }, moderator).expect(200);
      return ((await patch(id, body, as).expect(200)).body as { rating: string }).rating;
    };
    for (const body of [{ upper: 'rude' }, { lower: 'rude' }, { tags: ['rude'] }, { template: 'Rude' }]) expect(await rated(body)).toBe('unrated');
    for (const body of [{ upper: 'rude' }, { lat: 1, lon: 2 }, { language: 'en' }]) expect(await rated(body)).toBe('safe');
    expect(await rated({ upper: 'polite' }, moderator)).toBe('safe');
  });

  it('leaves no record of what moderators do to the words of their own', async () => {
    const { id } = await plaza.make(moderator);
    await patch(id, { upper: 'else' }, moderator).expect(200);
    expect(await plaza.database.rows('SELECT seq FROM audit_entry WHERE subject_id = ?', [id])).toEqual([]);
    await patch(id, { rating: 'safe' }, moderator).expect(200);
    expect(await plaza.database.rows('SELECT seq FROM audit_entry WHERE subject_id = ?', [id])).toHaveLength(1);
  });

  it('lets who made it change what waits or was taken down, for themselves alone', async () => {
    const { id } = await plaza.make(mia);
    for (const status of ['pending', 'hidden']) {
      await patch(id, { status }, moderator).expect(200);
      expect((await patch(id, { upper: status }).expect(200)).body).toMatchObject({ status, upper: status });
      expect(codeOf(await patch(id, { upper: 'x' }, noah).expect(404))).toBe('not-found');
      await get(id, noah).expect(404);
    }
  });
});

describe('DELETE /api/memes/:id', () => {
  it('takes the meme away for good, and what it said', async () => {
    const { id } = await plaza.make(mia, { upper: 'narwhalword', tags: ['narwhaltag'], lat: 1, lon: 2, language: 'en' });
    await plaza.http.put(`/api/memes/${id}/like`).set(noah.auth).expect(200);
    await plaza.http.post(`/api/memes/${id}/reports`).set(noah.auth).send({ reason: 'no' }).expect(201);
    expect(codeOf(await remove(id, noah).expect(404))).toBe('not-found');
    await remove(id).expect(204);
    expect(codeOf(await remove(id).expect(404))).toBe('not-found');
    await get(id).expect(404);
    for (const call of [patch(id, {}), patch(id, { status: 'visible' }, moderator), plaza.http.put(`/api/memes/${id}/like`).set(mia.auth)]) await call.expect(404);
    expect(await found('narwhalword')).toEqual([]);
    const { fileId } = await plaza.row(id);
    expect(await plaza.row(id)).toMatchObject({
      status: 'deleted', template: '', caption: '', upper: '', lower: '', imageUrl: '', tags: '', language: null, fileId: null, pictureHash: null, lat: null, lon: null, likes: 0, trend: null,
    });
    expect(fileId).toBeNull();
    for (const table of ['meme_like', 'meme_report']) expect(await plaza.database.rows(`SELECT * FROM ${table} WHERE meme_id = ?`, [id])).toEqual([]);
  });

  it('is for moderators too, on the record; imported memes are theirs alone', async () => {
    const { id } = await plaza.make(mia);
    await remove(id, moderator).expect(204);
    const [entry] = await plaza.database.rows<{ action: string }>('SELECT action FROM audit_entry WHERE subject_id = ?', [id]);
    expect(entry).toEqual({ action: 'meme.deleted' });
    const imported = await plaza.make(mia);
    await plaza.transactions.run((tx) => tx.write('UPDATE meme SET created_by = NULL WHERE id = ?', [imported.id]));
    await remove(imported.id).expect(404);
    await remove(imported.id, moderator).expect(204);
  });

  it('leaves no record of what moderators do with their own', async () => {
    const { id } = await plaza.make(moderator);
    await remove(id, moderator).expect(204);
    expect(await plaza.database.rows('SELECT seq FROM audit_entry WHERE subject_id = ?', [id])).toEqual([]);
  });

  it('of one that waits is for who made it', async () => {
    const { id } = await plaza.make(mia);
    await patch(id, { status: 'pending' }, moderator).expect(200);
    expect(codeOf(await remove(id, noah).expect(404))).toBe('not-found');
    await remove(id).expect(204);
  });
});

describe('generated memes', () => {
  it('do not exist on any of these routes for who is not entitled, be it a moderator or who had them made', async () => {
    const id = await plaza.generated(mia, 'zzcanaryzz');
    const calls = (call: string, as: GivenMember): Promise<{ status: number; text: string }>[] =>
      [
        plaza.http.patch(`/api/memes/${call}`).send({ upper: 'x' }),
        plaza.http.patch(`/api/memes/${call}`).send({ status: 'visible' }),
        plaza.http.delete(`/api/memes/${call}`),
        plaza.http.put(`/api/memes/${call}/like`),
        plaza.http.delete(`/api/memes/${call}/like`),
        plaza.http.post(`/api/memes/${call}/reports`).send({ reason: 'no' }),
      ].map((request) => request.set(as.auth).set('X-Request-Id', 'same').then(({ status, text }) => ({ status, text })));
    for (const as of [mia, noah, moderator]) {
      const answers = await Promise.all(calls(id, as));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
      const plain = (all: { text: string }[]) => all.map(({ text }) => ({ ...(JSON.parse(text) as object), requestId: '' }));
      expect(plain(answers)).toEqual(plain(await Promise.all(calls(UNKNOWN, as))));
    }
    expect(await plaza.row(id)).toMatchObject({ upper: 'zzcanaryzz', status: 'visible', likes: 0 });
  });

  it('are liked, reported, edited and deleted by who is', async () => {
    const id = await plaza.generated(subscriber, 'before');
    expect((await patch(id, { upper: 'after words' }, subscriber).expect(200)).body).toMatchObject({ kind: 'ai', caption: 'after words', imageUrl: '/api/memes/render/blank/after_words/_.webp' });
    await plaza.http.put(`/api/memes/${id}/like`).set(subscriber.auth).expect(200);
    await plaza.http.post(`/api/memes/${id}/reports`).set(subscriber.auth).send({ reason: 'no' }).expect(201);
    await remove(id, subscriber).expect(204);
  });
});
