import { CreditAccount } from './features/credits/entities/credit-account.js';
import { CreditEntry } from './features/credits/entities/credit-entry.js';
import { CreditHold } from './features/credits/entities/credit-hold.js';
import { ExportQueue } from './features/exports/entities/export-queue.js';
import { ExportQuota } from './features/exports/entities/export-quota.js';
import { Export } from './features/exports/entities/export.js';
import { ApiToken } from './features/members/entities/api-token.js';
import { Member } from './features/members/entities/member.js';
import { Session } from './features/members/entities/session.js';
import { Meme } from './features/memes/entities/meme.js';
import { TaskRun } from './platform/jobs/task-run.entity.js';

/** Every entity, listed by hand: a glob would be a dynamic import that neither build nor tests need. */
export const entities = [ApiToken, CreditAccount, CreditEntry, CreditHold, Export, ExportQueue, ExportQuota, Member, Meme, Session, TaskRun];
