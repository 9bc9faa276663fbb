import { z } from 'zod';

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];
/** A message of ours: URLs may carry passwords, and zod's own words may quote. */
const urlWhere = (holds: (url: URL) => boolean, message: string) => z.string().refine((value) => URL.canParse(value) && holds(new URL(value)), message);
const isHttp = ({ protocol }: URL) => protocol === 'https:' || protocol === 'http:';
const isPlain = ({ search, hash, username, password }: URL) => search + hash + username + password === '';

export const serverUrl = urlWhere((url) => isHttp(url) && isPlain(url), 'must be an http or https URL without a query');

/** An app's own scheme has a dot in it (RFC 8252 §7.1); `javascript:` and its like have none. */
export const returnUrl = urlWhere(
  (url) => (isHttp(url) || url.protocol.includes('.')) && url.hash + url.username + url.password === '',
  'must each be a URL without a fragment, of http, https or an app\'s own scheme with a dot in it',
);

const json = z.string().transform((value, context): unknown => {
  try {
    return JSON.parse(value);
  } catch {
    // Not the parser's own words: they quote what they could not read.
    context.addIssue('must be JSON');
    return z.NEVER;
  }
});

const oidcProvider = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -, and begin with a letter'),
  issuer: urlWhere(
    (url) => isPlain(url) && (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname))),
    'must be an https URL (http on loopback only) without a query',
  ),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  scope: z.string().refine((value) => value.split(' ').includes('openid'), 'must include openid').default('openid email profile'),
});

/** One place where members may sign in besides here, as Plaza is registered there. */
export type OidcProvider = z.output<typeof oidcProvider>;

export const oidcProviders = json.pipe(z.array(oidcProvider).refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'must have different names'));

/** A desktop app may listen on loopback (RFC 8252 §7.3), which is no network. */
function isClear(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' && !LOOPBACK.includes(url.hostname);
}

/** What sign-in elsewhere lacks in production, where nothing of it may cross a network in the clear. */
export function insecureOidcFaults({ PUBLIC_URL, OIDC_PROVIDERS, OIDC_RETURN_URLS }: Readonly<Record<string, string>>): string[] {
  const isHttps = (url: string | undefined) => url?.startsWith('https:') === true;
  const providers = oidcProviders.safeParse(OIDC_PROVIDERS).data ?? [];
  return [
    ...(isHttps(PUBLIC_URL) ? [] : ['PUBLIC_URL: is required with OIDC_PROVIDERS in production, and must be https']),
    ...(providers.every(({ issuer }) => isHttps(issuer)) ? [] : ['OIDC_PROVIDERS: every issuer must be https in production']),
    ...(OIDC_RETURN_URLS?.split(',').some(isClear) ? ['OIDC_RETURN_URLS: must not be http in production, but on loopback'] : []),
  ];
}
