import { availableParallelism } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { CaptionPainter } from '../../src/features/memes/rendering/caption.painter.js';
import { BACKGROUND_SIZE } from '../../src/features/memes/rendering/plain-background.rules.js';
import { renderPath } from '../../src/features/memes/rendering/render-text.rules.js';
import { Renders } from '../../src/features/memes/rendering/renders.service.js';
import { FileContents } from '../../src/features/uploads/index.js';
import { newId } from '../../src/platform/database/columns.js';
import type { GivenMember } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { openUploads, type UploadsHarness } from '../support/uploads-harness.js';

interface Picture { status: number; headers: Headers; body: Buffer }
type GivenMeme = Partial<{ id: string; template: string; fileId: string; kind: 'normal' | 'ai'; status: 'visible' | 'pending' | 'hidden' }>;

const UNKNOWN_ID = '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01';

describe('memes as pictures', () => {
  let plaza: UploadsHarness;
  let mia: GivenMember;

  const get = async (route: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Picture> => {
    const response = await fetch(`${plaza.url}${route}`, { method, headers });
    return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
  };
  const show = (template: string, upper = '_', lower = '_', ext = 'png') => get(`/api/memes/render/${template}/${upper}/${lower}.${ext}`);
  const post = async (member: GivenMember, body: object, headers: Record<string, string> = {}): Promise<Picture> => {
    const response = await fetch(`${plaza.url}/api/memes/render`, {
      method: 'POST', headers: { 'Content-Type': 'application/json', ...member.auth, ...headers }, body: JSON.stringify({ upper: '', lower: '', format: 'png', ...body }),
    });
    return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
  };
  const refusal = ({ status, body }: Picture): unknown[] => [status, (JSON.parse(body.toString()) as { code: string }).code];
  const colourAt = async (picture: Buffer, left: number, top: number): Promise<number[]> => {
    const pixel = await sharp(picture).extract({ left, top, width: 1, height: 1 }).removeAlpha().raw().toBuffer();
    return [...pixel];
  };

  const given = {
    /** A picture of one colour that has been checked. */
    picture: async (member: GivenMember, background: string, size = { width: 120, height: 80 }): Promise<string> => {
      const png = await sharp({ create: { ...size, channels: 3, background } }).png().toBuffer();
      const { id } = await plaza.send(member, png, { name: 'a.png', purpose: 'meme' });
      expect((await plaza.until(id, 20_000)).state).toBe('ready');
      return id;
    },
    meme: async ({ id = newId(), template = 'Hopeful Plant', fileId, kind = 'normal', status = 'visible' }: GivenMeme): Promise<string> => {
      await plaza.transactions.run((tx) => tx.write(
        `INSERT INTO meme (id, template, caption, \`upper\`, \`lower\`, image_url, file_id, tags, rating, kind, status, likes, created_at)
         VALUES (?, ?, '', '', '', 'https://example.org/a.jpg', ?, '', 'unrated', ?, ?, 0, UTC_TIMESTAMP(3))`,
        [id, template, fileId ?? null, kind, status],
      ));
      return id;
    },
  };

  beforeAll(async () => {
    plaza = await openUploads();
    mia = await plaza.given.member({ credits: 50 });
    await given.meme({ template: 'Library Owl' });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => plaza.close());

  describe('at their address', () => {
    it.each([['png', 'image/png', 'png'], ['jpg', 'image/jpeg', 'jpeg'], ['webp', 'image/webp', 'webp']])('are sent to anybody as %s', async (ext, type, format) => {
      const { status, headers, body } = await show('blank', 'hello_there', 'general__kenobi', ext);
      expect([status, headers.get('content-type'), headers.get('x-content-type-options')]).toEqual([200, type, 'nosniff']);
      expect(Number(headers.get('content-length'))).toBe(body.length);
      expect(await sharp(body).metadata()).toMatchObject({ format, ...BACKGROUND_SIZE });
    });

    it('may be shown by the pages of any site, and kept for a while', async () => {
      const first = await show('blank', 'kept');
      const etag = first.headers.get('etag')!;
      expect(etag).toMatch(/^"[\w-]{43}"$/);
      expect(Object.fromEntries(first.headers)).toMatchObject({ 'cache-control': 'public, max-age=300', 'cross-origin-resource-policy': 'cross-origin' });
      const route = '/api/memes/render/blank/kept/_.png';
      for (const seen of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const again = await get(route, { 'If-None-Match': seen });
        expect([again.status, again.body.length, again.headers.get('etag'), again.headers.get('cache-control')]).toEqual([304, 0, etag, 'public, max-age=300']);
      }
      const other = await get(route, { 'If-None-Match': '"x"' });
      expect([other.status, other.body.equals(first.body)]).toEqual([200, true]);
      const head = await get(route, {}, 'HEAD');
      expect([head.status, head.body.length, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([200, 0, String(first.body.length), etag]);
      // Other words, another picture.
      expect((await show('blank', 'kept_not')).headers.get('etag')).not.toBe(etag);
    });

    it('say the words that the address spells, whatever they are', async () => {
      const words = fc.string({ unit: fc.constantFrom(...' _~/.%?#\\\n\r\t\0\u2028&+;:aé猫😀'), maxLength: 12 });
      const ofTemplate = jest.spyOn(plaza.app.get(Renders, { strict: false }), 'ofTemplate').mockResolvedValue({ bytes: Buffer.from('x'), mediaType: 'image/png', etag: '"x"' });
      await fc.assert(
        fc.asyncProperty(words, words, words, async (template, upper, lower) => {
          expect((await get(renderPath({ template, upper, lower, ext: 'webp' }))).status).toBe(200);
          const [names, painting] = ofTemplate.mock.calls.at(-1)!;
          expect([names[0], painting]).toEqual([template, { upper, lower, format: 'webp' }]);
        }),
        { numRuns: 300 },
      );
    });

    it('are bare without words, and have them at the top and at the bottom alone', async () => {
      const [bare, upper, lower] = await Promise.all([show('blank'), show('blank', 'top'), show('blank', '_', 'bottom')]);
      const raw = async ({ body }: Picture) => sharp(body).raw().toBuffer();
      const [none, top, bottom] = await Promise.all([raw(bare), raw(upper), raw(lower)]);
      const half = none.length / 2;
      expect(top.subarray(half).equals(none.subarray(half))).toBe(true);
      expect(top.subarray(0, half).equals(none.subarray(0, half))).toBe(false);
      expect(bottom.subarray(0, half).equals(none.subarray(0, half))).toBe(true);
      expect(bottom.subarray(half).equals(none.subarray(half))).toBe(false);
      expect(new Set(none).size).toBeLessThanOrEqual(3);
    });

    it.each(['gif', 'PNG', 'jpeg', '', 'svg', 'constructor', '__proto__'])('are none that ends with .%s', async (ext) => expect(refusal(await show('blank', '_', '_', ext))).toEqual([404, 'not-found']));

    it.each(['/api/memes/render/blank/a', '/api/memes/render/blank/a/b', '/api/memes/render/blank//b.png', '/api/memes/render/blank/%0A/%0A.png'])('are not at %s', async (route) => {
      expect([401, 404]).toContain((await get(route, mia.auth)).status);
    });

    it('are refused when the address is none, or has more words than anybody reads', async () => {
      for (const upper of ['%', '%C3', '%zz']) expect(refusal(await show('blank', upper))).toEqual([400, 'request.invalid']);
      expect((await show('blank', '%E7%8C%AB'.repeat(500), 'x'.repeat(500))).status).toBe(200);
      expect(refusal(await show('blank', 'x'.repeat(501)))).toEqual([400, 'request.invalid']);
      expect(refusal(await show('blank', '_', 'x'.repeat(501)))).toEqual([400, 'request.invalid']);
      expect(refusal(await show('blank', 'x'.repeat(5_000)))).toEqual([404, 'not-found']);
    });
  });

  describe('of templates', () => {
    it.each(['Library_Owl', 'Library%20Owl', 'Library_Owl_', '%20library%20_owl', 'library_owl', 'LIBRARY_%C3%93WL', '_Library__Owl', 'blank', 'BLANK'].map((name) => [name, name.startsWith('_') ? 404 : 200]))('%s: %i', async (name, status) => {
      expect((await show(name as string)).status).toBe(status);
    });

    it('are found by a name that is spelled plainly, too', async () => {
      await given.meme({ template: 'y_u_no' });
      await given.meme({ template: 'AC/DC ~s.' });
      for (const name of ['y_u_no', 'y__u__no', 'AC~sDC_~~s.', 'AC%2FDC%20~~s.']) expect([name, (await show(name)).status]).toEqual([name, 200]);
      const { status } = await get(renderPath({ template: 'AC/DC ~s.', upper: '', lower: '', ext: 'png' }));
      expect(status).toBe(200);
    });

    it.each(['Nobody', '_', UNKNOWN_ID, 'Library', 'Library%00Owl', "'%20OR%201=1", 'x'.repeat(1_999), '%F0%9F%98%80'])('are not known as %s', async (name) => {
      expect(refusal(await show(name))).toEqual([404, 'meme.template-unknown']);
    });

    it('are not mistaken for each other where the database sees no difference', async () => {
      for (const template of ['😎', '🤖']) await given.meme({ template });
      for (const template of ['%F0%9F%98%8E', '%F0%9F%A4%96']) expect((await show(template)).status).toBe(200);
      expect(refusal(await show('%F0%9F%98%A1'))).toEqual([404, 'meme.template-unknown']);
    });

    it('are not made unknown for others by who spells them another way', async () => {
      await given.meme({ template: 'Double  Space' });
      await show('double_space');
      expect((await show('Double%20%20Space')).status).toBe(200);
    });

    it('never take the place of a meme that was taken down', async () => {
      const hidden = await given.meme({ status: 'hidden' });
      await given.meme({ template: hidden, fileId: await given.picture(mia, '#0ff') });
      expect(refusal(await show(hidden))).toEqual([404, 'meme.template-unknown']);
    });

    it('have a background of their own where no meme has a picture', async () => {
      await given.meme({ template: 'Patient Cactus' });
      const [owl, same, cactus] = await Promise.all([show('Library_Owl'), show('library%20OWL'), show('Patient_Cactus')]);
      expect(same.body.equals(owl.body)).toBe(true);
      expect(cactus.body.equals(owl.body)).toBe(false);
    });

    it('have the picture of the oldest visible meme that has one, and memes with a picture their own', async () => {
      const [red, blue, green] = [await given.picture(mia, '#f00'), await given.picture(mia, '#00f'), await given.picture(mia, '#0f0')];
      for (const template of ['COLOURS', 'Colours']) await given.meme({ template });
      await given.meme({ template: 'Colours', fileId: green, status: 'hidden' });
      await given.meme({ template: 'Colours', fileId: green, kind: 'ai' });
      await given.meme({ template: 'colours', fileId: red });
      const own = await given.meme({ template: 'Colours', fileId: blue });
      const oldest = await show('Colours', 'o', 'o');
      expect(await sharp(oldest.body).metadata()).toMatchObject({ width: 120, height: 80 });
      for (const top of [0, 40, 79]) expect(await colourAt(oldest.body, 0, top)).toEqual([255, 0, 0]);
      expect(await colourAt((await show(own)).body, 60, 40)).toEqual([0, 0, 255]);
      expect(await colourAt((await show(own.toUpperCase())).body, 60, 40)).toEqual([0, 0, 255]);
    });

    it('show nothing of AI memes, nor of what is hidden or waits: as if there were none', async () => {
      const file = await given.picture(mia, '#123456');
      const secrets = [
        await given.meme({ template: 'Secret Robot', fileId: file, kind: 'ai' }),
        await given.meme({ template: 'Secret Pending', fileId: file, status: 'pending' }),
        await given.meme({ template: 'Secret Hidden', fileId: file, status: 'hidden' }),
      ];
      const bytes = async (template: string) => {
        const { status, headers, body } = await show(template);
        const { requestId, ...problem } = JSON.parse(body.toString()) as { requestId: string };
        expect(requestId).toBe(headers.get('x-request-id'));
        return [status, problem, [...headers.keys()].sort()];
      };
      const unknown = await bytes('Nobody At All');
      for (const template of [...secrets, 'Secret_Robot', 'Secret_Pending', 'Secret_Hidden']) expect(await bytes(template)).toEqual(unknown);
      for (const template of [...secrets, 'Secret Robot']) expect(refusal(await post(mia, { template }))).toEqual([404, 'meme.template-unknown']);
    });

    it('are gone within seconds of being taken down, and so are pictures that their owner deletes', async () => {
      const member = await plaza.given.member();
      const [hidden, deleted] = [await given.picture(member, '#ff0'), await given.picture(member, '#0ff')];
      const [one, other] = [await given.meme({ template: 'Passing Fad', fileId: hidden }), await given.meme({ template: 'Lost Picture', fileId: deleted })];
      for (const template of [one, other, 'Passing_Fad', 'Lost_Picture']) expect((await show(template)).status).toBe(200);
      await plaza.transactions.run((tx) => tx.write("UPDATE meme SET status = 'hidden' WHERE id = ?", [one]));
      await plaza.remove(deleted);
      await eventually(async () => {
        for (const template of [one, other, 'Passing_Fad']) expect(refusal(await show(template))).toEqual([404, 'meme.template-unknown']);
        // The template is still known, and has a background like those without a picture.
        expect(await sharp((await show('Lost_Picture')).body).metadata()).toMatchObject(BACKGROUND_SIZE);
      }, 10_000);
    });

    it('are looked up once in a while, not each time', async () => {
      const rows = jest.spyOn(plaza.database, 'rows');
      await Promise.all(Array.from({ length: 10 }, (_, n) => show('never_heard_of', `${n}`)));
      const asked = rows.mock.calls.filter(([, values]) => JSON.stringify(values ?? []).includes('never heard of'));
      expect(asked).toHaveLength(1);
    });
  });

  describe('made to order', () => {
    it('are of a template or of a file of one\'s own, as wide as asked for', async () => {
      const fileId = await given.picture(mia, '#00f');
      const { status, headers, body } = await post(mia, { fileId, lower: 'o' });
      expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, 'image/png', 'no-store']);
      expect(await colourAt(body, 60, 20)).toEqual([0, 0, 255]);
      const wide = await post(mia, { fileId, format: 'webp', width: 600, upper: 'a_b/c' });
      expect(await sharp(wide.body).metadata()).toMatchObject({ format: 'webp', width: 600, height: 400 });
      const ordered = await post(mia, { template: 'Library Owl', upper: 'a b' });
      expect(ordered.body.equals((await show('Library_Owl', 'a_b')).body)).toBe(true);
    });

    it.each([
      [{}], [{ template: 'blank', fileId: UNKNOWN_ID }], [{ template: '' }], [{ template: null }], [{ fileId: 'x' }], [{ fileId: null, template: 'blank' }], [{ template: 7 }],
      [{ template: 'blank', format: 'gif' }], [{ template: 'blank', width: 63 }], [{ template: 'blank', width: 2001 }], [{ template: 'blank', width: 100.5 }], [{ template: 'blank', width: '100' }],
      [{ template: 'blank', upper: 'x'.repeat(501) }], [{ template: 'blank', lower: 5 }], [{ template: 'blank', upper: null }], [{ template: 'blank', colour: 'red' }],
    ])('are refused as %j', async (body) => expect(refusal(await post(mia, body))).toEqual([400, 'request.invalid']));

    it('need a sign-in, and a picture that is ready and the member\'s own', async () => {
      const noah = await plaza.given.member();
      const fileId = await given.picture(mia, '#f0f');
      const { id: text } = await plaza.send(mia, Buffer.from('no picture at all'), { name: 'a.txt' });
      await plaza.until(text);
      expect((await plaza.http.post('/api/memes/render').send({ template: 'blank', upper: '', lower: '', format: 'png' }).expect(401)).body.code).toBe('auth.required');
      for (const id of [fileId, UNKNOWN_ID]) expect(refusal(await post(noah, { fileId: id }))).toEqual([404, 'not-found']);
      expect(refusal(await post(mia, { fileId: text }))).toEqual([422, 'meme.file-no-image']);
      const { body: begun } = await plaza.http.post('/api/files/tus').set(mia.auth).set({ 'Tus-Resumable': '1.0.0', 'Upload-Length': '10' }).expect(201).then(({ headers }) => ({ body: { id: headers['location']!.split('/').at(-1)! } }));
      expect(refusal(await post(mia, { fileId: begun.id }))).toEqual([409, 'file.not-ready']);
      await plaza.remove(fileId);
      expect(refusal(await post(mia, { fileId }))).toEqual([410, 'file.deleted']);
      expect(refusal(await post(mia, { template: 'Nobody' }))).toEqual([404, 'meme.template-unknown']);
    });

    it('cost an API token one call; errors and the public address cost none', async () => {
      const { body: token } = await plaza.http.post('/api/api-tokens').set(mia.auth).send({ name: 'bot' }).expect(201);
      await plaza.http.post(`/api/api-tokens/${token.id}/calls`).set(mia.auth).send({ credits: 1 }).expect(201);
      const bot = { ...mia, auth: {} as GivenMember['auth'] };
      const paid = await post(bot, { template: 'blank' }, { 'X-Token': token.secret });
      expect([paid.status, paid.headers.get('x-credits-charged')]).toEqual([200, '1']);
      const refused = await post(bot, { template: 'Nobody' }, { 'X-Token': token.secret });
      expect([...refusal(refused), refused.headers.get('x-credits-charged')]).toEqual([404, 'meme.template-unknown', '0']);
      expect((await get('/api/memes/render/blank/_/_.png', { 'X-Token': token.secret })).headers.get('x-credits-charged')).toBeNull();
    });
  });

  describe('of large pictures', () => {
    it('are drawn on their smaller copy, at 1200 pixels unless more is asked for', async () => {
      const fileId = await given.picture(mia, '#080', { width: 4000, height: 3000 });
      const read = jest.spyOn(plaza.app.get(FileContents, { strict: false }), 'own');
      expect(await sharp((await post(mia, { fileId })).body).metadata()).toMatchObject({ width: 1200, height: 900 });
      expect(read.mock.calls.map(([, , variant]) => variant)).toEqual([undefined, 'large']);
      const wide = await post(mia, { fileId, width: 2000 });
      expect(await sharp(wide.body).metadata()).toMatchObject({ width: 2000, height: 1500 });
      const [red, green, blue] = await colourAt(wide.body, 1000, 750);
      expect([red! < 8, Math.abs(green! - 0x88) < 8, blue! < 8]).toEqual([true, true, true]);
    });

    it('are still where the picture moves', async () => {
      const frames = await Promise.all(['#f00', '#00f'].map((background) => sharp({ create: { width: 60, height: 40, channels: 3, background } }).png().toBuffer()));
      const gif = await sharp(frames, { join: { animated: true } }).gif().toBuffer();
      const { id } = await plaza.send(mia, gif, { name: 'a.gif', purpose: 'meme' });
      await plaza.until(id, 20_000);
      const { body } = await post(mia, { fileId: id, format: 'webp' });
      const { pages, width, height } = await sharp(body).metadata();
      expect([pages ?? 1, width, height]).toEqual([1, 60, 40]);
      expect((await colourAt(body, 30, 20))[0]).toBeGreaterThan(240);
    });
  });

  describe('under load', () => {
    /** From now on nothing is drawn until the gate is opened. */
    const closeGate = () => {
      const painter = plaza.app.get(CaptionPainter, { strict: false });
      const paint = painter.paint.bind(painter);
      let open!: () => void;
      const opened = new Promise<void>((resolve) => (open = resolve));
      const painted = jest.spyOn(painter, 'paint').mockImplementation(async (...args) => {
        await opened;
        return paint(...args);
      });
      return { open, painted };
    };

    it('are drawn once for all who ask for the same, and kept', async () => {
      const { open, painted } = closeGate();
      const asked = jest.spyOn(plaza.app.get(Renders, { strict: false }), 'ofTemplate');
      const answers = Array.from({ length: 20 }, () => show('blank', 'asked_at_once'));
      await eventually(() => expect(asked).toHaveBeenCalledTimes(20));
      open();
      expect(new Set((await Promise.all(answers)).map(({ status, headers }) => `${status} ${headers.get('etag')}`)).size).toBe(1);
      await show('blank', 'asked_at_once');
      expect(painted).toHaveBeenCalledTimes(1);
    });

    it('wait for a core, and are sent away once 64 are waiting', async () => {
      const { open, painted } = closeGate();
      const room = availableParallelism() + 64;
      const busy: Picture[] = [];
      const answers = Array.from({ length: room + 5 }, async (_, n) => {
        const answer = await show('blank', `crowd_${n}`);
        if (answer.status !== 200) busy.push(answer);
        return answer.status;
      });
      await eventually(() => expect(busy).toHaveLength(5), 20_000);
      expect(painted).toHaveBeenCalledTimes(availableParallelism());
      for (const answer of busy) expect([...refusal(answer), answer.headers.get('retry-after')]).toEqual([503, 'server.busy', '2']);
      open();
      expect((await Promise.all(answers)).filter((status) => status === 200)).toHaveLength(room);
      // What was refused is not remembered as refused.
      expect((await show('blank', `crowd_${room + 4}`)).status).toBe(200);
    });

    it('are drawn anew after a failure', async () => {
      jest.spyOn(plaza.app.get(CaptionPainter, { strict: false }), 'paint').mockRejectedValueOnce(new Error('no memory'));
      expect(refusal(await show('blank', 'unlucky'))).toEqual([500, 'internal']);
      expect((await show('blank', 'unlucky')).status).toBe(200);
    });
  });
});

it('pictures of memes are limited per address', async () => {
  const plaza = await openUploads({ RATE_LIMIT_SCALE: '0.005' });
  try {
    const show = () => plaza.http.get('/api/memes/render/blank/_/_.png');
    for (let n = 0; n < 3; n += 1) expect((await show().expect(200)).headers['ratelimit-policy']).toBe('"render";q=3;w=60');
    expect((await show().expect(429)).body.code).toBe('rate.limited');
    await plaza.http.get('/api/livez').expect(200);
  } finally {
    await plaza.close();
  }
});
