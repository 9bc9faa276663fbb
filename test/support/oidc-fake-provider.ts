import { createHash, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** By way of PEM: Node 20 locks itself up for good when it collects a generated key's job while exporting that key. */
const newKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKey: createPrivateKey(privateKey), publicKey: createPublicKey(publicKey) };
};
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What a provider says and does that is up to no good, or does not know better. */
export interface Misbehaviour {
  /** Claims of the ID token in place of the honest ones; undefined leaves one out. */
  claims?: Record<string, unknown>;
  /** How the ID token is signed; `own` is honest. */
  signature?: 'own' | 'stranger' | 'none' | 'hmac-of-public-key';
  /** Answers of endpoints by path in place of the honest ones; null never answers. */
  answers?: Record<string, { status: number; body: unknown } | null>;
}

export interface FakeProvider {
  readonly issuer: string;
  /** How the next sign-ins go. */
  behave(misbehaviour: Misbehaviour): void;
  /** Requests so far, by path. */
  readonly requests: ReadonlyMap<string, { authorization?: string; body: URLSearchParams }[]>;
  stop(): Promise<void>;
}

/** An OpenID provider that signs whatever a test tells it to. */
export async function startFakeProvider(clientId: string): Promise<FakeProvider> {
  const own = newKey();
  const stranger = newKey();
  let misbehaviour: Misbehaviour = {};
  const nonces = new Map<string, string>();
  const challenges = new Map<string, string>();
  const requests = new Map<string, { authorization?: string; body: URLSearchParams }[]>();

  const idToken = (nonce: string): string => {
    const { claims, signature = 'own' } = misbehaviour;
    const now = Math.floor(Date.now() / 1000);
    const alg = signature === 'none' ? 'none' : signature === 'hmac-of-public-key' ? 'HS256' : 'RS256';
    const content = `${base64url({ alg, kid: 'one' })}.${base64url({ iss: issuer, aud: clientId, sub: 'somebody', nonce, iat: now, exp: now + 300, ...claims })}`;
    if (signature === 'none') return `${content}.`;
    if (signature === 'hmac-of-public-key') return `${content}.${createHmac('sha256', own.publicKey.export({ type: 'spki', format: 'pem' })).update(content).digest('base64url')}`;
    return `${content}.${sign('sha256', Buffer.from(content), (signature === 'own' ? own : stranger).privateKey).toString('base64url')}`;
  };

  const honest: Record<string, (url: URL, body: URLSearchParams) => { status: number; body?: unknown; location?: string }> = {
    '/.well-known/openid-configuration': () => ({
      status: 200,
      body: {
        issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, userinfo_endpoint: `${issuer}/userinfo`,
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'], response_types_supported: ['code'], subject_types_supported: ['public'], token_endpoint_auth_methods_supported: ['client_secret_post'],
      },
    }),
    '/jwks': () => ({ status: 200, body: { keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] } }),
    '/authorize': ({ searchParams }) => {
      const code = `code-${nonces.size}`;
      nonces.set(code, searchParams.get('nonce')!);
      challenges.set(code, searchParams.get('code_challenge')!);
      return { status: 302, location: `${searchParams.get('redirect_uri')!}?${new URLSearchParams({ code, state: searchParams.get('state')! }).toString()}` };
    },
    '/token': (_url, body) => {
      const code = body.get('code') ?? '';
      const verified = createHash('sha256').update(body.get('code_verifier') ?? '').digest('base64url') === challenges.get(code);
      if (!verified) return { status: 400, body: { error: 'invalid_grant' } };
      return { status: 200, body: { access_token: 'an-access-token', token_type: 'Bearer', id_token: idToken(nonces.get(code)!) } };
    },
    '/userinfo': () => ({ status: 200, body: { sub: 'somebody' } }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, issuer);
    const body = new URLSearchParams(await text(request));
    requests.set(url.pathname, [...(requests.get(url.pathname) ?? []), { authorization: request.headers.authorization, body }]);
    const told = misbehaviour.answers?.[url.pathname];
    if (told === null) return;
    const { status, body: content, location } = { location: undefined, ...(told ?? honest[url.pathname]!(url, body)) };
    response.writeHead(status, { 'content-type': 'application/json', ...(location !== undefined && { location }) }).end(content === undefined ? '' : JSON.stringify(content));
  }

  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    requests,
    behave: (next) => (misbehaviour = next),
    stop: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
