import path from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DEMO_MEMBERS } from './app.community.js';
import { Config } from './platform/config/config.js';
import { DOCS_PATH } from './platform/http/adapter.js';
import { VERSION } from './platform/observability/version.js';

/** Where to go from here, once the server listens. */
export async function printBanner(app: NestFastifyApplication): Promise<void> {
  const config = app.get(Config);
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  const lines = [
    `Plaza ${VERSION} is up: ${url}`,
    '',
    `  Swagger UI   ${url}/${DOCS_PATH}`,
    `  OpenAPI      ${url}/api/openapi.json`,
    `  Socket.IO    ${url.replace(/^http/, 'ws')}  (access token in auth.token)`,
    `  Health       ${url}/api/health`,
    `  Data folder  ${config.DATA_DIR}`,
  ];
  if (config.SFTP_PORT) lines.push(`  SFTP         sftp://${new URL(url).hostname}:${config.SFTP_PORT}  (email address and password, or an API token)`);
  if (config.SMTP_URL === undefined) lines.push(`  Mail         ${path.join(config.DATA_DIR, 'mail')}  (written there: there is no SMTP_URL)`);
  if (config.DEMO) {
    lines.push('', `  Demo logins  password "${DEMO_MEMBERS[0]!.password}"`, ...DEMO_MEMBERS.map(({ email, role }) => `    ${email.padEnd(18)} ${role}`));
  }
  lines.push('', '  Ctrl-C stops it.');
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}
