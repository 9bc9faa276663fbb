// A real OpenID provider for test/e2e/oidc.e2e-spec.ts, on a free port. Its login page asks nobody: the test names the
// account in `login_hint`, as base64url JSON of its claims, or says `{"refuse": true}`.
import { createServer } from 'node:http';
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { Provider } from 'oidc-provider';

const [, , redirectUri, clientSecret] = process.argv;
const pem = { privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } };
// By way of PEM: Node 20 locks itself up for good when it collects a generated key's job while exporting that key as JWK.
const signingKey = createPrivateKey(generateKeyPairSync('rsa', { modulusLength: 2048, ...pem }).privateKey).export({ format: 'jwk' });
const server = createServer().listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  /** By grant: one account may say different things of itself in sign-ins that overlap. */
  const claims = new Map();
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'plaza', client_secret: clientSecret, redirect_uris: [redirectUri] }],
    jwks: { keys: [{ ...signingKey, kid: 'one', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, accountId, token) => ({ accountId, claims: () => ({ ...claims.get(token?.grantId), sub: accountId }) }),
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return void answer(request, response);
    void interact(provider, request, response);
  });
  process.stdout.write(`${JSON.stringify({ issuer })}\n`);

  async function interact(provider, request, response) {
    const { prompt, params } = await provider.interactionDetails(request, response);
    const account = JSON.parse(Buffer.from(params.login_hint, 'base64url').toString());
    if (account.refuse) return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'not today' });
    if (prompt.name === 'login') return provider.interactionFinished(request, response, { login: { accountId: account.sub } });
    const grant = new provider.Grant({ accountId: account.sub, clientId: params.client_id });
    grant.addOIDCScope('openid email profile');
    const grantId = await grant.save();
    claims.set(grantId, account);
    return provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true });
  }
});
