import { z } from 'zod';
import { isTimeZone } from '../clock/calendar.js';
import { isFault, knownFaultPoints } from './fault-point.js';
import { insecureOidcFaults, oidcProviders, returnUrl, serverUrl } from './oidc.schema.js';

const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const text = z.string().min(1);
// A point that nobody declared would arm nothing, and the test that wants it would pass for no reason.
const fault = z.string().refine(isFault, { error: () => `must be <point> or <point>@<n>, of ${knownFaultPoints().join(', ')}` });
/** `address` or `Name <address>`: a comma outside of quotes would begin a second address, a line break another header. */
const mailbox = z.string().regex(/^(?:(?:"[^"\p{Cc}]*"|[^",;:<>\p{Cc}]*)\s*<[^\s\p{Cc}<>@,]+@[^\s\p{Cc}<>@,]+>|[^\s\p{Cc}<>@,]+@[^\s\p{Cc}<>@,]+)$/u, 'must be an address or Name <address>');
const smtpUrl = z.string().refine((value) => URL.canParse(value) && /^smtps?:$/.test(new URL(value).protocol) && new URL(value).hostname !== '', 'must look like smtp://user:password@host:587 or smtps://…');
/** Paths are put behind it. */
const baseUrl = serverUrl.transform((value) => value.replace(/\/+$/, ''));
/** The client brings the paths. */
const origin = serverUrl.refine((value) => !URL.canParse(value) || new URL(value).pathname === '/', 'must have no path');
const list = z.string().transform((value) => value.split(',').map((item) => item.trim()).filter((item) => item !== ''));
/** Of a header's value or a key in one: no space, and no line that could end. */
const visible = z.string().regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters');
const iceUrl = z.string().regex(/^(stuns?|turns?):[^/\s]+$/i, 'must look like turn:host:3478, turns:…, stun:… or stuns:…');

/** Variables that may also be given as `<NAME>_FILE`, the path of a file that holds the value. */
export const SECRETS = ['APP_SECRET', 'APP_SECRET_PREVIOUS', 'DATABASE_URL', 'ADMIN_PASSWORD', 'METRICS_TOKEN', 'OIDC_PROVIDERS', 'SMTP_URL', 'S3_SECRET_ACCESS_KEY', 'AI_API_KEY', 'REDIS_URL', 'TURN_SECRET', 'STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'] as const;

export const SECRET_BYTES = 32;
const secret = z.string().refine((value) => Buffer.byteLength(value) >= SECRET_BYTES, `must be at least ${SECRET_BYTES} bytes`);

/**
 * Every variable Plaza reads: its range, its default, and (in the description) its unit and reason.
 * The configuration table of the README and `.env.example` are held against this by a test.
 */
export const configSchema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development').describe('production refuses test switches and secret defaults'),
  PORT: count(0, 65_535).default(3000).describe('TCP port; 0 picks a free one'),
  HOST: text.default('127.0.0.1').describe('address to listen on; 0.0.0.0 in the container image'),
  DATA_DIR: text.default('.data').describe('folder of the embedded database, files, development secrets and, without SMTP_URL, mails'),
  DATABASE_URL: z.string().regex(/^mysql:\/\/[^/]+\/[^/]+/, 'must look like mysql://user:password@host:3306/database').optional().describe('MySQL or MariaDB; without it Plaza runs an embedded server'),
  DATABASE_POOL_SIZE: count(2, 200).default(16).describe('connections for requests; 16 beat 64 when measured'),
  REDIS_URL: z.string().regex(/^rediss?:\/\/[^/]+/, 'must look like redis://host:6379 or rediss://…').optional().describe('Redis that tells processes of each other; one process needs none. Polling sockets then need a proxy that keeps a client with one process'),
  APP_SECRET: secret.optional().describe('32 bytes or more; every key is derived from it. Development makes one in DATA_DIR'),
  APP_SECRET_PREVIOUS: secret.optional().describe('the secret before the last change: still accepted, no longer used to sign'),
  COMMUNITY_NAME: text.max(80).regex(/^\P{Cc}*$/u, 'must be one line').default('Plaza').describe('shown to members'),
  COMMUNITY_TIMEZONE: z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin').default('UTC').describe('IANA zone whose midnights begin the community\'s days'),
  PUBLIC_URL: baseUrl.optional().describe('address under which clients reach Plaza; http://127.0.0.1:PORT by default'),
  OIDC_PROVIDERS: oidcProviders.default([]).describe('sign-in elsewhere, JSON: [{"name":"google","issuer":"https://accounts.google.com","clientId":"…","clientSecret":"…"}]; register PUBLIC_URL/api/sessions/oidc/NAME/callback there'),
  OIDC_RETURN_URLS: list.pipe(z.array(returnUrl)).default([]).describe('comma-separated addresses of your apps to which that sign-in may return, each exactly as the app asks for it'),
  WEB_URL: baseUrl.optional().describe('address of your web app: mails link to its pages /reset-password and /verify-email. Without it they carry the bare token'),
  SMTP_URL: smtpUrl.optional().describe('mail server, smtp:// or smtps://; without it mails are written to DATA_DIR/mail'),
  MAIL_FROM: mailbox.default('Plaza <plaza@localhost>').describe('sender of mails'),
  CORS_ORIGINS: list.default([]).describe('comma-separated origins whose browser pages may call the API'),
  TRUST_PROXY: flag.default(false).describe('true behind a reverse proxy: believe X-Forwarded-For'),
  ADMIN_EMAIL: z.email().optional().describe('with ADMIN_PASSWORD: the first admin of an empty database'),
  ADMIN_PASSWORD: z.string().min(8).max(128).optional().describe('its password; for the first start only'),
  DEMO: flag.optional().describe('load the demo community into an empty database; true in development, refused in production'),
  CREDITS_AT_SIGNUP: count(0, 1_000_000).default(5).describe('credits a new member starts with'),
  CREDITS_PER_DAY: count(0, 1_000_000).default(1).describe('credits each member gains at local midnight'),
  CREDITS_CAP: count(0, 1_000_000_000).optional().describe('balance at which daily credits stop; none by default'),
  CREDITS_LOW_AT: count(0, 1_000_000).default(1).describe('credits.low is sent when the available balance falls to this'),
  CALLS_PER_CREDIT: count(1, 1_000_000).default(100).describe('API calls that one credit buys'),
  CALLS_AT_TOKEN: count(0, 1_000_000).default(0).describe('API calls a new token starts with'),
  AI_BASE_URL: baseUrl.optional().describe('OpenAI-compatible endpoint that writes captions, such as https://api.openai.com/v1; without it Plaza writes them itself'),
  AI_API_KEY: visible.optional().describe('its key, if it wants one'),
  AI_MODEL: text.max(100).regex(/^\P{Cc}*$/u, 'must be one line').optional().describe('name of the model to ask for; required with AI_BASE_URL'),
  EXPORT_WORKERS: count(0, 16).default(2).describe('exports this process writes at once; 0 leaves them to other processes'),
  EXPORT_RETENTION_DAYS: count(1, 365).default(7).describe('days a finished export can be downloaded'),
  UPLOAD_QUOTA_MIB: count(0, 1_000_000_000).default(5120).describe('MiB of files a member may keep'),
  UPLOAD_EXPIRY_HOURS: count(1, 720).default(24).describe('hours an unfinished resumable upload is kept after its last byte'),
  UPLOAD_WORKERS: count(0, 64).optional().describe('received files this process checks at once, one per core by default; 0 leaves them to other processes'),
  CLAMD_URL: z.string().regex(/^tcp:\/\/[^/:]+:\d{1,5}$/, 'must look like tcp://host:3310').optional().describe('ClamAV daemon that checks each uploaded file for viruses'),
  AV_REQUIRED: flag.default(false).describe('true: refuse to start without CLAMD_URL'),
  STORAGE: z.enum(['disk', 's3']).default('disk').describe('where files are kept: in DATA_DIR, or in an S3 bucket that every process reaches'),
  S3_BUCKET: text.optional().describe('name of the bucket; required with STORAGE=s3'),
  S3_ENDPOINT: serverUrl.optional().describe('address of an S3-compatible server; Amazon\'s own by default'),
  S3_REGION: text.default('us-east-1').describe('region that requests are signed for'),
  S3_ACCESS_KEY_ID: text.optional().describe('with S3_SECRET_ACCESS_KEY; without them the usual places of the AWS SDK are searched'),
  S3_SECRET_ACCESS_KEY: text.optional().describe('its secret'),
  S3_FORCE_PATH_STYLE: flag.default(true).describe('the bucket in the path and not in the host name, as most S3-compatible servers want it'),
  CHAT_RETENTION_DAYS: count(1, 36_500).optional().describe('days messages are kept; for ever by default'),
  TURN_URLS: list.pipe(z.array(iceUrl)).default([]).describe('comma-separated addresses of your STUN and TURN servers (coturn), such as turn:turn.example.org:3478; calls within one network need none'),
  TURN_SECRET: z.string().min(16).optional().describe('static-auth-secret of coturn, with which it checks the passwords that Plaza makes; required with a turn: address'),
  PUSH_SUBJECT: z.string().regex(/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/, 'must be a mailto: or https: address').optional().describe('address under which push services reach whoever runs Plaza; by default PUBLIC_URL if that is https, or else the address of MAIL_FROM'),
  PUSH_TRUSTED_HOSTS: list.default([]).describe('comma-separated host:port of push services on your private network; others must be public and https'),
  PAYMENTS: z.enum(['sandbox', 'stripe']).optional().describe('who takes payments by card; sandbox, where no money moves, by default outside production'),
  ALLOW_SANDBOX_PAYMENTS: flag.default(false).describe('true: let PAYMENTS=sandbox stand in production, where everybody parks for nothing'),
  STRIPE_SECRET_KEY: visible.optional().describe('secret or restricted key of Stripe; required with PAYMENTS=stripe'),
  STRIPE_WEBHOOK_SECRET: visible.optional().describe('signing secret (whsec_…) of the webhook that you register at Stripe for PUBLIC_URL/api/webhooks/payments/stripe; required with PAYMENTS=stripe'),
  STRIPE_API_URL: origin.optional().describe('another server that speaks as Stripe does, for tests; Stripe\'s own by default'),
  CREDIT_VALUE_MINOR: count(1, 1_000_000).default(100).describe('minor units of money, such as cents, that a credit is worth in parking'),
  SFTP_PORT: count(0, 65_535).optional().describe('port of the SFTP door; off by default, 0 picks a free one'),
  RATE_LIMIT_SCALE: z.coerce.number().positive().max(1_000_000).default(1).describe('multiplies every rate limit and daily quota, for load tests'),
  METRICS_TOKEN: z.string().min(16).optional().describe('bearer token for /metrics from other hosts; without it only loopback may read'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional().describe('info in production, warn in development'),
  PLAZA_TEST_CLOCK: z.iso.datetime({ offset: true }).transform((value) => new Date(value)).optional().describe('tests: start the calendar clock at this RFC 3339 time; refused in production'),
  PLAZA_FAULT: fault.optional().describe('tests: kill the process at this named point; refused in production'),
});

/**
 * Faults that several variables make together. Looks at what is given and not at what is valid, so that
 * they are found beside faults of single variables.
 */
export function conditionFaults(given: Readonly<Record<string, string>>): string[] {
  const has = (name: string) => given[name] !== undefined || given[`${name}_FILE`] !== undefined;
  const faults: string[] = [];
  if (given['NODE_ENV'] === 'production') {
    if (!has('APP_SECRET')) faults.push('APP_SECRET: is required in production: 32 random bytes or more, e.g. openssl rand -base64 48');
    for (const name of ['PLAZA_TEST_CLOCK', 'PLAZA_FAULT']) if (has(name)) faults.push(`${name}: is for tests and refused in production`);
    if (has('OIDC_PROVIDERS')) faults.push(...insecureOidcFaults(given));
    if (!has('PAYMENTS')) faults.push('PAYMENTS: is required in production: stripe, or sandbox with ALLOW_SANDBOX_PAYMENTS=true');
    if (given['PAYMENTS'] === 'sandbox' && given['ALLOW_SANDBOX_PAYMENTS'] !== 'true') faults.push('ALLOW_SANDBOX_PAYMENTS: must be true for PAYMENTS=sandbox in production: no money would move');
    if (given['DEMO'] === 'true') faults.push('DEMO: would put published passwords into production and is refused there');
  }
  if (has('ADMIN_EMAIL') !== has('ADMIN_PASSWORD')) faults.push(`${has('ADMIN_EMAIL') ? 'ADMIN_PASSWORD' : 'ADMIN_EMAIL'}: ADMIN_EMAIL and ADMIN_PASSWORD go together`);
  if (has('OIDC_PROVIDERS') && !has('OIDC_RETURN_URLS')) faults.push('OIDC_RETURN_URLS: is required with OIDC_PROVIDERS: nobody could come back');
  if (given['AV_REQUIRED'] === 'true' && !has('CLAMD_URL')) faults.push('CLAMD_URL: is required by AV_REQUIRED: nothing would check for viruses');
  if (given['STORAGE'] === 's3' && !has('S3_BUCKET')) faults.push('S3_BUCKET: is required with STORAGE=s3');
  if (/(^|,)\s*turns?:/i.test(given['TURN_URLS'] ?? '') && !has('TURN_SECRET')) faults.push('TURN_SECRET: is required with a turn: address in TURN_URLS: nobody would be let in');
  if (has('AI_BASE_URL') && !has('AI_MODEL')) faults.push('AI_MODEL: is required with AI_BASE_URL');
  for (const name of ['AI_API_KEY', 'AI_MODEL']) if (has(name) && !has('AI_BASE_URL')) faults.push(`AI_BASE_URL: is required with ${name}: nobody would be asked`);
  for (const name of ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']) if (given['PAYMENTS'] === 'stripe' && !has(name)) faults.push(`${name}: is required with PAYMENTS=stripe`);
  if (has('S3_ACCESS_KEY_ID') !== has('S3_SECRET_ACCESS_KEY')) faults.push(`${has('S3_ACCESS_KEY_ID') ? 'S3_SECRET_ACCESS_KEY' : 'S3_ACCESS_KEY_ID'}: S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY go together`);
  return faults;
}
