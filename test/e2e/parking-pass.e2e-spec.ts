import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import sharp from 'sharp';
import { Config } from '../../src/platform/config/config.js';
import { newId } from '../../src/platform/database/columns.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { givenStay, type GivenStayOptions } from '../support/given-stays.js';
import { scannedCode } from '../support/qr-codes.js';

const STARTS = '2026-03-29T00:30:00Z';
const STAY: GivenStayOptions = { startsAt: STARTS, endsAt: '2026-03-29T01:30:00Z' };

let app: TestApp;
let mia: GivenMember;

beforeAll(async () => {
  app = await createTestApp({ PLAZA_TEST_CLOCK: '2026-03-28T12:00:00Z' });
  mia = await app.given.member();
});
afterAll(() => app.close());

const given = (options: Partial<GivenStayOptions> = {}) => givenStay(app, mia.id, { ...STAY, ...options });
const get = (id: string, as: { auth: object } = mia) => app.http.get(`/api/reservations/${id}/pass.svg`).set(as.auth as Record<string, string>);

async function drawn(id: string, as?: { auth: object }): Promise<string> {
  return ((await get(id, as).expect(200)).body as Buffer).toString();
}

const passOf = async (id: string): Promise<string> => scannedCode(await sharp(Buffer.from(await drawn(id))).ensureAlpha().raw().toBuffer({ resolveWithObject: true }))!;

/** As a gate reads it that knows the public keys and the time. */
async function admitted(pass: string, at = STARTS): Promise<JWTPayload> {
  const { body } = await app.http.get('/api/parking/pass-keys').expect(200);
  return (await jwtVerify(pass, createLocalJWKSet(body as JSONWebKeySet), { algorithms: ['EdDSA'], currentDate: new Date(at) })).payload;
}

describe('GET /api/reservations/:id/pass.svg', () => {
  it('is a picture of a code that a gate checks with the public keys alone', async () => {
    const { id, garageId } = await given({ spotLabel: 'A-07', license: 'B-ÄB 123' });
    expect(await admitted(await passOf(id))).toEqual({
      iss: app.app.get(Config).PUBLIC_URL, sub: id, garage: garageId, spot: 'A-07', plate: 'DE BÄB123',
      nbf: Date.parse('2026-03-29T00:20:00Z') / 1000, exp: Date.parse('2026-03-29T01:40:00Z') / 1000,
    });
  });

  it('opens nothing before and after, altered, or signed by somebody else', async () => {
    const pass = await passOf((await given()).id);
    await expect(admitted(pass, '2026-03-29T00:19:59Z')).rejects.toThrow(/nbf/);
    await expect(admitted(pass, '2026-03-29T01:40:00Z')).rejects.toThrow(/exp/);
    const [header, payload, signature] = pass.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, spot: 'A-08' })).toString('base64url');
    await expect(admitted(`${header}.${forged}.${signature}`)).rejects.toThrow('signature verification failed');
    const other = await passOf((await given()).id);
    await expect(admitted(`${header}.${payload}.${other.split('.')[2]}`)).rejects.toThrow('signature verification failed');
  });

  it('says for people what it opens, by the clock of the garage', async () => {
    const svg = await drawn((await given({ garage: { name: 'Hafen' } })).id);
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text!.replace(/\s/g, ' '));
    expect(texts.slice(0, 3)).toEqual(['A-07', 'Hafen', 'DE B-AB 123']);
    expect(texts[3]).toMatch(/^from .*29 Mar 2026.* 01:30 CET$/);
    expect(texts[4]).toMatch(/^to .*29 Mar 2026.* 03:30 CEST$/);
  });

  it('stays the same while the reservation does, and nothing in it runs', async () => {
    const { id } = await given();
    const { headers } = await get(id).expect(200);
    expect(headers).toMatchObject({
      'content-type': 'image/svg+xml; charset=utf-8', 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff', 'cache-control': 'private',
    });
    expect(await drawn(id)).toBe(await drawn(id));
  });

  it('writes labels as they are, whatever is in them', async () => {
    const { id } = await given({ spotLabel: '<b>&"🅿️', garage: { name: '</svg><script>alert(1)</script>' } });
    const svg = await drawn(id);
    expect(svg).toContain('&lt;b&gt;&amp;&quot;🅿️');
    expect(svg).not.toMatch(/<b>|<script/);
    expect(await admitted(await passOf(id))).toMatchObject({ spot: '<b>&"🅿️' });
  });

  it('is there while a vehicle stands in the garage', async () => {
    const { id } = await given({ status: 'checked-in' });
    await expect(admitted(await passOf(id))).resolves.toMatchObject({ sub: id });
  });

  it.each([
    ['held', { status: 'held' }],
    ['expired', { status: 'held', holdSeconds: -1 }],
    ['cancelled', { status: 'cancelled', cancelledAt: '2026-03-28T11:00:00Z' }],
    ['completed', { status: 'completed' }],
    ['no-show', { status: 'confirmed', startsAt: '2026-03-28T10:00:00Z', endsAt: '2026-03-28T14:00:00Z' }],
  ] as const)('is not there when it is %s', async (state, options) => {
    expect((await get((await given(options)).id).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state });
  });

  it('is shown to its member and to operators', async () => {
    const { id } = await given();
    const [ben, moderator, operator] = [await app.given.member(), await app.given.member({ role: 'moderator' }), await app.given.member({ role: 'operator' })];
    await get(id, { auth: {} }).expect(401);
    for (const other of [ben, moderator]) expect((await get(id, other).expect(404)).body.code).toBe('not-found');
    expect(await drawn(id, operator)).toBe(await drawn(id));
    for (const unknown of [newId(), 'x']) await get(unknown).expect(404);
  });
});

describe('GET /api/parking/pass-keys', () => {
  it('is for everybody, and may be kept for an hour', async () => {
    const { body, headers } = await app.http.get('/api/parking/pass-keys').expect(200);
    const [x, kid] = [expect.stringMatching(/^[\w-]{43}$/), expect.stringMatching(/^[0-9a-f]{8}$/)];
    expect(body).toEqual({ keys: [{ kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' }] });
    expect(headers['cache-control']).toBe('public, max-age=3600');
  });

  it('has both keys during a rotation: passes that are out already stay good', async () => {
    const pass = await passOf((await given()).id);
    const rotated = await createTestApp({ APP_SECRET: 'n'.repeat(40), APP_SECRET_PREVIOUS: app.secret });
    try {
      const { body } = await rotated.http.get('/api/parking/pass-keys').expect(200);
      expect(body.keys).toHaveLength(2);
      const keys = createLocalJWKSet(body as JSONWebKeySet);
      await expect(jwtVerify(pass, keys, { currentDate: new Date(STARTS) })).resolves.toBeDefined();
    } finally {
      await rotated.close();
    }
  });
});
