import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Role } from '../../src/platform/auth/permissions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';

type Who = 'guest' | 'member' | 'other member' | 'moderator' | 'operator' | 'admin';
/** In this order, so that what its owner ends is asked for by everybody else before. */
const CALLERS: readonly Who[] = ['guest', 'other member', 'moderator', 'operator', 'admin', 'member'];

interface Row {
  /** Who is let in; everybody else gets 401 as a guest and 403 as a member. */
  access: 'public' | 'member' | 'moderator' | 'operator' | 'admin' | 'subscriber';
  /** What those who are let in get; shape faults (400) show it as well as anything, and change nothing. */
  status: number | number[];
  body?: object;
  /** The `:id` is something of `member`'s, made by this; others who are let in get 404. */
  owned?: (member: GivenMember) => Promise<string>;
  /** Another `:id`. */
  id?: (member: GivenMember) => string;
  headers?: Record<string, string>;
  /** Put behind the path. */
  query?: string;
  /** Ends the caller's session: each caller is a new one. */
  endsSession?: true;
}

let app: TestApp;
let members: Record<Exclude<Who, 'guest'>, GivenMember>;
let exportId: Promise<string> | undefined;

const TUS = { 'Tus-Resumable': '1.0.0' };
const NOBODY = '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11';
const tokenOf = async ({ auth }: GivenMember): Promise<string> => (await app.http.post('/api/api-tokens').set(auth).send({ name: 'bot' }).expect(201)).body.id;
const sessionOf = async ({ email, password }: GivenMember): Promise<string> =>
  (await app.http.post('/api/sessions').send({ email, password }).expect(201)).body.refreshToken.split('.')[0];
const exportOf = ({ auth }: GivenMember): Promise<string> =>
  (exportId ??= app.http.post('/api/exports').set(auth).send({ source: 'credits', format: 'csv' }).expect(202).then(({ body }) => body.id));
let fileId: Promise<string> | undefined;
const uploadOf = async ({ auth }: GivenMember): Promise<string> =>
  (await app.http.post('/api/files/base64').set(auth).send({ name: 'a.txt', data: 'aGVsbG8=' }).expect(201)).body.id;
const fileOf = (member: GivenMember): Promise<string> => (fileId ??= uploadOf(member));
let plates = 0;
const vehicleOf = async ({ auth }: GivenMember): Promise<string> =>
  (await app.http.post('/api/vehicles').set(auth).send({ license: `ROLE ${(plates += 1)}`, country: 'DE', size: 'regular' }).expect(201)).body.id;
const tusOf = async ({ auth }: GivenMember): Promise<string> =>
  (await app.http.post('/api/files/tus').set({ ...auth, ...TUS, 'Upload-Length': '5' }).expect(201)).headers['location']!.split('/').at(-1)!;

/** Every route of the OpenAPI document. A new route without a row fails below. */
const ROUTES: Record<string, Row> = {
  'GET /': { access: 'public', status: 200 },
  'GET /api/livez': { access: 'public', status: 200 },
  'GET /api/readyz': { access: 'public', status: 200 },
  'GET /api/health': { access: 'public', status: 200 },

  'POST /api/members': { access: 'public', status: 400 },
  'GET /api/members': { access: 'admin', status: 200 },
  'GET /api/members/directory': { access: 'member', status: 200 },
  'PATCH /api/members/{id}': { access: 'admin', status: 400, id: ({ id }) => id, body: { role: 'emperor' } },
  'GET /api/members/{id}/entitlements': { access: 'admin', status: 200, id: ({ id }) => id },
  'PUT /api/members/{id}/entitlements/{permission}': { access: 'admin', status: 400, id: ({ id }) => id },
  'DELETE /api/members/{id}/entitlements/{permission}': { access: 'admin', status: 404, id: ({ id }) => id },
  'GET /api/me': { access: 'member', status: 200 },
  'PATCH /api/me': { access: 'member', status: 200, body: {} },
  'POST /api/me/password': { access: 'member', status: 400 },

  'POST /api/sessions': { access: 'public', status: 400 },
  'POST /api/sessions/refresh': { access: 'public', status: 400 },
  'GET /api/sessions': { access: 'member', status: 200 },
  'GET /api/sessions/oidc/{provider}': { access: 'public', status: 404, id: () => 'nowhere' },
  'GET /api/sessions/oidc/{provider}/callback': { access: 'public', status: 403, id: () => 'nowhere' },
  'POST /api/sessions/oidc/exchange': { access: 'public', status: 400 },
  'POST /api/identities': { access: 'public', status: 400 },
  'GET /api/identities': { access: 'member', status: 200 },
  'DELETE /api/identities/{provider}': { access: 'member', status: 404, id: () => 'nowhere' },
  'DELETE /api/sessions/current': { access: 'member', status: 204, endsSession: true },
  'DELETE /api/sessions/{id}': { access: 'member', status: 204, owned: sessionOf },

  'POST /api/password-resets': { access: 'public', status: 400 },
  'POST /api/password-resets/confirm': { access: 'public', status: 400 },
  'POST /api/email-verifications': { access: 'member', status: 202 },
  'POST /api/email-verifications/confirm': { access: 'public', status: 400 },

  'POST /api/api-tokens': { access: 'member', status: 400 },
  'GET /api/api-tokens': { access: 'member', status: 200 },
  'DELETE /api/api-tokens/{id}': { access: 'member', status: 204, owned: tokenOf },
  'POST /api/api-tokens/{id}/rotate': { access: 'member', status: 201, owned: tokenOf },
  'POST /api/api-tokens/{id}/calls': { access: 'member', status: 201, owned: tokenOf, body: { credits: 1 } },

  'GET /api/credits': { access: 'member', status: 200 },
  'GET /api/credits/entries': { access: 'member', status: 200 },
  'GET /api/credits/balance': { access: 'member', status: 400 },
  'GET /api/credits/history.svg': { access: 'member', status: 200 },
  'POST /api/credits/transfers': { access: 'member', status: 400 },
  'POST /api/admin/credits/{ownerId}/adjustments': { access: 'admin', status: 400, id: ({ id }) => id },
  // No such entry: what the path replaces is the owner alone.
  'POST /api/admin/credits/{ownerId}/entries/{seq}/reversal': { access: 'admin', status: [400, 404], id: ({ id }) => id },
  'POST /api/admin/credits/accrual': { access: 'admin', status: 200 },
  'GET /api/admin/credits/reconciliation': { access: 'admin', status: 200 },

  'GET /api/admin/audit': { access: 'admin', status: 200 },
  'GET /api/admin/audit/verification': { access: 'admin', status: 200 },

  'GET /api/statistics': { access: 'moderator', status: 200 },
  'GET /api/statistics.svg': { access: 'moderator', status: 200 },

  'POST /api/polls/{id}/votes': { access: 'public', status: [401, 404], id: () => NOBODY, body: {} },
  'PUT /api/polls/{id}/votes/mine': { access: 'public', status: [401, 404], id: () => NOBODY, body: {} },
  'DELETE /api/polls/{id}/votes/mine': { access: 'public', status: [401, 404], id: () => NOBODY },

  'GET /api/memes': { access: 'member', status: 200 },
  'GET /api/memes/random': { access: 'member', status: 404 },
  'GET /api/memes/trending': { access: 'member', status: 200 },
  'GET /api/memes/suggest': { access: 'member', status: 200 },
  'GET /api/memes/templates': { access: 'member', status: 200 },
  'GET /api/memes/reported': { access: 'moderator', status: 200 },
  'GET /api/memes/{id}': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/memes': { access: 'member', status: 400 },
  'PATCH /api/memes/{id}': { access: 'member', status: 404, id: () => NOBODY, body: { lower: 'mine' } },
  'DELETE /api/memes/{id}': { access: 'member', status: 404, id: () => NOBODY },
  'PUT /api/memes/{id}/like': { access: 'member', status: 404, id: () => NOBODY },
  'DELETE /api/memes/{id}/like': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/memes/{id}/reports': { access: 'member', status: 404, id: () => NOBODY, body: { reason: 'I guessed its id' } },
  'POST /api/memes/ai': { access: 'subscriber', status: 400 },
  // Public for image tags, which send no header. There is no such format.
  'GET /api/memes/render/{template}/{upper}/{lower}.{ext}': { access: 'public', status: 404, id: () => 'blank' },
  'POST /api/memes/render': { access: 'member', status: 400 },
  'GET /api/userstats': { access: 'member', status: 400 },

  'GET /api/files': { access: 'member', status: 200 },
  // No form, no text, no name: the shape is asked about once the caller is known.
  'POST /api/files': { access: 'member', status: 400 },
  'POST /api/files/base64': { access: 'member', status: 400 },
  'PUT /api/files/raw': { access: 'member', status: 400 },
  'POST /api/files/presign': { access: 'member', status: 400 },
  'GET /api/files/quota': { access: 'member', status: 200 },
  'GET /api/files/{id}': { access: 'member', status: 200, owned: fileOf },
  // 200 once it is checked.
  'GET /api/files/{id}/content': { access: 'member', status: [200, 409], owned: fileOf },
  'POST /api/files/{id}/links': { access: 'member', status: [201, 409], owned: fileOf },
  // Nothing was presigned: files are kept on disk here.
  'POST /api/files/{id}/complete': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/files/{id}/shared': { access: 'public', status: 403, owned: fileOf },
  'DELETE /api/files/{id}': { access: 'member', status: 204, owned: uploadOf },
  'OPTIONS /api/files/tus': { access: 'public', status: 200 },
  'OPTIONS /api/files/tus/{id}': { access: 'public', status: 200, id: () => NOBODY },
  'POST /api/files/tus': { access: 'member', status: 400, headers: TUS },
  'HEAD /api/files/tus/{id}': { access: 'member', status: 200, owned: tusOf, headers: TUS },
  'PATCH /api/files/tus/{id}': { access: 'member', status: 409, owned: tusOf, headers: { ...TUS, 'Upload-Offset': '3', 'Content-Type': 'application/offset+octet-stream' } },
  'DELETE /api/files/tus/{id}': { access: 'member', status: 204, owned: tusOf, headers: TUS },
  'POST /api/files/tus/{id}': { access: 'member', status: 200, owned: tusOf, headers: { ...TUS, 'X-HTTP-Method-Override': 'HEAD' } },

  'GET /api/polls': { access: 'public', status: 200 },
  'POST /api/polls': { access: 'moderator', status: 400 },
  // Public polls alone are shown to guests; of others they hear that they must sign in, whether or not there are any.
  'GET /api/polls/{id}': { access: 'member', status: 404, id: () => NOBODY },
  'PATCH /api/polls/{id}': { access: 'moderator', status: 404, id: () => NOBODY, body: {} },
  'POST /api/polls/{id}/open': { access: 'moderator', status: 404, id: () => NOBODY },
  'POST /api/polls/{id}/close': { access: 'moderator', status: 404, id: () => NOBODY },
  'POST /api/polls/{id}/certify': { access: 'moderator', status: 404, id: () => NOBODY },
  'POST /api/polls/{id}/cancel': { access: 'moderator', status: 404, id: () => NOBODY },
  'POST /api/polls/{id}/candidates/{candidateId}/withdraw': { access: 'moderator', status: 404, id: () => NOBODY },
  'POST /api/polls/{id}/device-token': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/polls/{id}/result': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/polls/{id}/result.svg': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/polls/{id}/turnout': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/polls/{id}/ballots': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/polls/{id}/opinions': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/chat/conversations': { access: 'member', status: 200 },
  'POST /api/chat/conversations': { access: 'member', status: 400 },
  'GET /api/chat/conversations/{id}/messages': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/chat/conversations/{id}/messages': { access: 'member', status: 404, id: () => NOBODY, body: { clientId: NOBODY, text: 'hello' } },
  'PUT /api/chat/conversations/{id}/read': { access: 'member', status: 404, id: () => NOBODY, body: { seq: 1 } },
  'GET /api/chat/conversations/{id}': { access: 'member', status: 404, id: () => NOBODY },
  'PATCH /api/chat/conversations/{id}': { access: 'member', status: 404, id: () => NOBODY, body: { title: 'Roof garden' } },
  'GET /api/chat/conversations/{id}/members': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/chat/conversations/{id}/members': { access: 'member', status: 404, id: () => NOBODY, body: { memberIds: [NOBODY] } },
  'PATCH /api/chat/conversations/{id}/members/{memberId}': { access: 'member', status: 404, id: () => NOBODY, body: { notify: 'none' } },
  'DELETE /api/chat/conversations/{id}/members/{memberId}': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/chat/blocks': { access: 'member', status: 200 },
  'PUT /api/chat/blocks/{memberId}': { access: 'member', status: 404, id: () => NOBODY },
  'DELETE /api/chat/blocks/{memberId}': { access: 'member', status: [204, 404], id: () => NOBODY },
  'PATCH /api/chat/messages/{id}': { access: 'member', status: 404, id: () => NOBODY, body: { text: 'hello', version: 1 } },
  'DELETE /api/chat/messages/{id}': { access: 'member', status: 404, id: () => NOBODY },
  'PUT /api/chat/messages/{id}/reactions/{emoji}': { access: 'member', status: [400, 404], id: () => NOBODY },
  'DELETE /api/chat/messages/{id}/reactions/{emoji}': { access: 'member', status: [400, 404], id: () => NOBODY },
  'GET /api/chat/messages/{id}/files/{fileId}': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/chat/messages/{id}/reports': { access: 'member', status: 404, id: () => NOBODY, body: {} },
  'GET /api/chat/reports': { access: 'moderator', status: 200 },
  'PATCH /api/chat/reports/{id}': { access: 'moderator', status: 404, id: () => NOBODY, body: { state: 'resolved' } },
  'GET /api/chat/presence': { access: 'member', status: 400 },
  'GET /api/chat/search': { access: 'member', status: 400 },
  'GET /api/chat/ice-servers': { access: 'member', status: 200 },
  'GET /api/push/key': { access: 'member', status: 200 },
  'POST /api/push/subscriptions': { access: 'member', status: 400 },
  'DELETE /api/push/subscriptions': { access: 'member', status: 400 },
  'DELETE /api/push/subscriptions/{id}': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/chat/sync': { access: 'member', status: 400 },
  'GET /api/chat/poll': { access: 'member', status: 400, query: 'timeout=26' },
  'GET /api/polls/{id}/receipts/{receipt}': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/polls/{id}/audit': { access: 'member', status: 404, id: () => NOBODY },
  'PATCH /api/polls/{id}/opinions/{opinionId}': { access: 'moderator', status: 404, id: () => NOBODY, body: { status: 'hidden' } },

  'GET /api/garages': { access: 'member', status: 200 },
  'POST /api/garages': { access: 'operator', status: 400 },
  'GET /api/garages/{id}': { access: 'member', status: 404, id: () => NOBODY },
  'PATCH /api/garages/{id}': { access: 'operator', status: 404, id: () => NOBODY, body: {} },
  'PUT /api/garages/{id}/tariff': { access: 'operator', status: 400, id: () => NOBODY, body: {} },
  'GET /api/garages/{id}/reservations': { access: 'operator', status: 404, id: () => NOBODY },
  'GET /api/garages/{id}/availability': { access: 'member', status: 400, id: () => NOBODY },
  'GET /api/garages/{id}/occupancy.svg': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/garages/{id}/occupancy.csv': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/garages/{id}/spots': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/garages/{id}/spots': { access: 'operator', status: 400, id: () => NOBODY },
  'POST /api/spots/{id}/retire': { access: 'operator', status: 404, id: () => NOBODY },
  'POST /api/spots/{id}/restore': { access: 'operator', status: 404, id: () => NOBODY },
  'GET /api/garages/{id}/blackouts': { access: 'operator', status: 404, id: () => NOBODY },
  'POST /api/garages/{id}/blackouts': { access: 'operator', status: 400, id: () => NOBODY },
  'DELETE /api/blackouts/{id}': { access: 'operator', status: 404, id: () => NOBODY },
  'GET /api/vehicles': { access: 'member', status: 200 },
  'POST /api/vehicles': { access: 'member', status: 400 },
  'GET /api/vehicles/{id}': { access: 'member', status: 200, owned: (member) => vehicleOf(member) },
  'PATCH /api/vehicles/{id}': { access: 'member', status: 200, owned: (member) => vehicleOf(member), body: { size: 'large' } },
  'DELETE /api/vehicles/{id}': { access: 'member', status: 204, owned: (member) => vehicleOf(member) },
  'POST /api/parking/quotes': { access: 'member', status: 400 },
  'POST /api/reservations': { access: 'member', status: 400 },
  'GET /api/me/reservations': { access: 'member', status: 200 },
  // Of others, operators see them too: parking-booking has that.
  'GET /api/reservations/{id}': { access: 'member', status: 404, id: () => NOBODY },
  'GET /api/reservations/{id}/cancellation': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/reservations/{id}/cancel': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/reservations/{id}/extension': { access: 'member', status: 400, id: () => NOBODY },
  'POST /api/reservations/{id}/check-in': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/reservations/{id}/check-out': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/reservations/{id}/payment': { access: 'member', status: 404, id: () => NOBODY, body: { method: 'credits' } },
  'GET /api/reservations/{id}/pass.svg': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/waitlist': { access: 'member', status: 400 },
  'GET /api/waitlist': { access: 'member', status: 200 },
  'DELETE /api/waitlist/{id}': { access: 'member', status: 404, id: () => NOBODY },
  'POST /api/me/calendar-token': { access: 'member', status: 201 },
  'DELETE /api/me/calendar-token': { access: 'member', status: 204 },
  // Calendar programs, gates, and payment providers: a secret address, public keys, signatures.
  'GET /api/me/reservations.ics': { access: 'public', status: 403 },
  'GET /api/parking/pass-keys': { access: 'public', status: 200 },
  'POST /api/webhooks/payments/{provider}': { access: 'public', status: 400, id: () => 'sandbox' },
  'GET /api/sandbox/payments/{clientSecret}': { access: 'public', status: 404, id: () => 'guessed' },
  'POST /api/sandbox/payments/{clientSecret}': { access: 'public', status: [400, 404], id: () => 'guessed' },

  'POST /api/exports': { access: 'member', status: 400 },
  'GET /api/exports': { access: 'member', status: 200 },
  'GET /api/exports/sources': { access: 'member', status: 200 },
  'GET /api/exports/{id}': { access: 'member', status: 200, owned: exportOf },
  // 302 to the file, 409 while it is being written.
  'GET /api/exports/{id}/download': { access: 'member', status: [302, 409], owned: exportOf },
  'POST /api/exports/{id}/cancel': { access: 'member', status: [200, 409], owned: exportOf },
  'DELETE /api/exports/{id}': { access: 'member', status: [204, 409], owned: exportOf },
  // Public for download managers: the signature in the link is the key, and here there is none.
  'GET /api/exports/{id}/file': { access: 'public', status: 403, owned: exportOf },
};

function expected({ access, status, owned }: Row, who: Who): number[] {
  if (access === 'public') return [status].flat();
  if (who === 'guest') return [401];
  // An entitlement, which no role has.
  if (access === 'subscriber') return [403];
  if (access === 'admin' && who !== 'admin') return [403];
  if (access === 'operator' && who !== 'operator' && who !== 'admin') return [403];
  if (access === 'moderator' && who !== 'moderator' && who !== 'admin') return [403];
  return owned !== undefined && who !== 'member' ? [404] : [status].flat();
}

beforeAll(async () => {
  app = await createTestApp();
  const given = (role: Role) => app.given.member({ role });
  members = { member: await given('member'), 'other member': await given('member'), moderator: await given('moderator'), operator: await given('operator'), admin: await given('admin') };
});
afterAll(() => app.close());

const send = async (route: string, path: string, who: Who, { body, endsSession, headers = {} }: Row) => {
  const [method] = route.split(' ') as [string];
  const caller = who === 'guest' ? undefined : endsSession ? await app.given.member({ role: who === 'other member' ? 'member' : who }) : members[who];
  const request = app.http[method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete'](path).set({ ...caller?.auth, ...headers });
  return body === undefined ? request : request.send(body);
};

it('every route of the OpenAPI document has a row, and every row a route', async () => {
  const { body: document }: { body: OpenAPIObject } = await app.http.get('/api/openapi.json').expect(200);
  const routes = Object.entries(document.paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`));
  expect(Object.keys(ROUTES).sort()).toEqual(routes.sort());
});

describe.each(Object.entries(ROUTES))('%s', (route, row) => {
  let path: string;
  beforeAll(async () => {
    const id = (await row.owned?.(members.member)) ?? row.id?.(members.member) ?? '';
    path = route.split(' ')[1]!.replace(/\{\w+\}/, id) + (row.query === undefined ? '' : `?${row.query}`);
  });

  it.each(CALLERS)('as %s', async (who) => {
    const { status, body } = await send(route, path, who, row);
    expect(expected(row, who)).toContain(status);
    // An answer to HEAD has no body.
    if (row.access === 'public' || route.startsWith('HEAD')) return;
    if (status === 401) expect(body.code).toBe('auth.required');
    if (status === 403) expect(body.code).toBe('auth.forbidden');
    if (status === 404) expect(body.code).toBe('not-found');
  });
});
