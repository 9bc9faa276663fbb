import type { INestApplicationContext } from '@nestjs/common';
import { emailTaken, MembersService, passwordWeak } from './features/members/index.js';
import { MemeImporter } from './features/memes/index.js';
import type { Role } from './platform/auth/permissions.js';
import { Config, ConfigError } from './platform/config/config.js';
import { Transactions } from './platform/database/transactions.js';

interface Founder {
  email: string;
  displayName: string;
  password: string;
  role: Role;
}

/** Published, and therefore refused in production. */
const DEMO_PASSWORD = 'plaza demo 2026';

export const DEMO_MEMBERS: readonly Founder[] = [
  { email: 'ada@demo.plaza', displayName: 'Ada (admin)', password: DEMO_PASSWORD, role: 'admin' },
  { email: 'mo@demo.plaza', displayName: 'Mo (moderator)', password: DEMO_PASSWORD, role: 'moderator' },
  { email: 'ola@demo.plaza', displayName: 'Ola (operator)', password: DEMO_PASSWORD, role: 'operator' },
  { email: 'mia@demo.plaza', displayName: 'Mia (member)', password: DEMO_PASSWORD, role: 'member' },
  { email: 'ben@demo.plaza', displayName: 'Ben (member)', password: DEMO_PASSWORD, role: 'member' },
];

/**
 * Gives an empty database its first members: the admin of ADMIN_EMAIL, and in development the demo
 * community. Their addresses are taken to be right. They come in one transaction, so that a start cut short is simply done again.
 *
 * @returns true when the database was empty
 * @throws ConfigError when ADMIN_PASSWORD is too common to be taken
 */
export async function foundCommunity(app: INestApplicationContext): Promise<boolean> {
  const config = app.get(Config);
  const members = app.get(MembersService);
  const founders = [...adminOf(config), ...(config.DEMO ? DEMO_MEMBERS : [])];
  if (founders.length === 0 || !(await members.isEmpty())) return false;
  if (config.DEMO) await app.get(MemeImporter).importSample();
  const hashed = await Promise.all(founders.map(async (founder) => ({ ...founder, passwordHash: await hashOf(members, founder) })));
  try {
    await app.get(Transactions).run(async (tx) => {
      for (const founder of hashed) await members.create(tx, { ...founder, emailVerified: true });
    });
    return true;
  } catch (error) {
    // Another process founded it between the look and here; its transaction has them all.
    if (emailTaken.matches(error)) return false;
    throw error;
  }
}

async function hashOf(members: MembersService, { password }: Founder): Promise<string> {
  try {
    return await members.hashNew(password);
  } catch (error) {
    // The demo's password is a good one: this is the operator's.
    throw passwordWeak.matches(error) ? new ConfigError(['ADMIN_PASSWORD: is among the most common passwords; choose another']) : error;
  }
}

function adminOf({ ADMIN_EMAIL, ADMIN_PASSWORD }: Config): Founder[] {
  if (ADMIN_EMAIL === undefined || ADMIN_PASSWORD === undefined) return [];
  return [{ email: ADMIN_EMAIL, displayName: 'Admin', password: ADMIN_PASSWORD, role: 'admin' }];
}
