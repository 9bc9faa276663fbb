import type { MigrationInterface } from 'typeorm';
import { CreateTaskRun1795340001000 } from './1795340001000-create-task-run.js';
import { CreateIdempotency1795340002000 } from './1795340002000-create-idempotency.js';
import { CreateMember1795340010000 } from './1795340010000-create-member.js';
import { CreateSession1795340011000 } from './1795340011000-create-session.js';
import { CreateApiToken1795340012000 } from './1795340012000-create-api-token.js';
import { CreateCreditAccount1795340020000 } from './1795340020000-create-credit-account.js';
import { CreateCreditEntry1795340021000 } from './1795340021000-create-credit-entry.js';
import { CreateCreditHold1795340022000 } from './1795340022000-create-credit-hold.js';
import { CreateMeme1795340030000 } from './1795340030000-create-meme.js';
import { CreateExport1795340040000 } from './1795340040000-create-export.js';
import { CreateExportQueue1795340041000 } from './1795340041000-create-export-queue.js';
import { CreateExportQuota1795340042000 } from './1795340042000-create-export-quota.js';

/**
 * Every migration in the order of its timestamp. Listed by hand so that the application, the tests and
 * the command line run the same ones without a glob; a test holds this list against the folder.
 */
export const migrations = [
  CreateTaskRun1795340001000,
  CreateIdempotency1795340002000,
  CreateMember1795340010000,
  CreateSession1795340011000,
  CreateApiToken1795340012000,
  CreateCreditAccount1795340020000,
  CreateCreditEntry1795340021000,
  CreateCreditHold1795340022000,
  CreateMeme1795340030000,
  CreateExport1795340040000,
  CreateExportQueue1795340041000,
  CreateExportQuota1795340042000,
] satisfies (new () => MigrationInterface)[];
