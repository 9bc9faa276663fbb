import type { ErrorDefinition } from '../../../platform/errors/domain-error.js';
import { requestInvalid } from '../../../platform/errors/house.errors.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { NEVER } from '../poll.rules.js';
import type { Poll, PollState } from '../poll.types.js';
import { isEligible, seesResults, type Viewer } from '../visibility.rules.js';
import { notEditable, pollEnded, pollInvalid, pollNotClosed, pollNotDraft, pollNotOpen, secretFinal } from '../voting.errors.js';
import type { PollAct, PollEdit, PollRights, PollSettings } from './polls.types.js';

type Verdict = 'due' | 'done' | ErrorDefinition;

/** When an act makes sense, when it was done already, and what it is refused with. */
const ACTS: Readonly<Record<PollAct, Readonly<Record<PollState, Verdict>>>> = {
  edit: { draft: 'due', open: 'due', closed: pollEnded, certified: pollEnded, cancelled: pollEnded },
  open: { draft: 'due', open: 'done', closed: pollNotDraft, certified: pollNotDraft, cancelled: pollNotDraft },
  close: { draft: pollNotOpen, open: 'due', closed: 'done', certified: 'done', cancelled: pollEnded },
  certify: { draft: pollNotClosed, open: pollNotClosed, closed: 'due', certified: 'done', cancelled: pollNotClosed },
  cancel: { draft: 'due', open: 'due', closed: pollEnded, certified: pollEnded, cancelled: 'done' },
  withdraw: { draft: 'due', open: 'due', closed: 'due', certified: pollEnded, cancelled: pollEnded },
};

/** False where nothing is left to do. @throws what the act is refused with in this state */
export function isDue(act: PollAct, state: PollState): boolean {
  const verdict = ACTS[act][state];
  if (typeof verdict === 'function') throw verdict();
  return verdict === 'due';
}

/** Once a poll is open its voters must find what others found: only these may still change. */
const EDITABLE_WHEN_OPEN: readonly string[] = ['description', 'closesAt'];

/** @param fields which an edit names @throws notEditable */
export function checkEditOfOpen({ closesAt }: Pick<Poll, 'closesAt'>, edit: PollEdit, fields: readonly string[]): void {
  const isSooner = edit.closesAt === null ? closesAt !== null : edit.closesAt !== undefined && closesAt !== null && edit.closesAt < closesAt;
  const refused = fields.filter((field) => !EDITABLE_WHEN_OPEN.includes(field) || (field === 'closesAt' && isSooner));
  if (refused.length > 0) throw notEditable({ fields: refused });
}

/** A draft as it is after an edit. The list of electors goes with the electorate. @param electors of a poll that lists them */
export function edited(poll: Poll, electors: readonly string[], edit: PollEdit): PollSettings {
  const electorate = edit.electorate ?? poll.electorate;
  const memberIds = edit.memberIds ?? (electorate === 'list' && poll.electorate === 'list' ? electors : undefined);
  return { ...poll, ...edit, electorate, memberIds };
}

/** @throws requestInvalid for fields that do not go together; secretFinal, pollInvalid for what would be no poll */
export function checkSettings({ candidates, electorate, memberIds, secrecy, allowChange, quorum }: PollSettings): void {
  const names = candidates.map(({ name }) => name);
  const repeated = names.findIndex((name, at) => names.indexOf(name) < at);
  if (repeated !== -1) throw malformed(`candidates.${repeated}.name`, 'is the name of another candidate');
  if (electorate === 'list' && memberIds === undefined) throw malformed('memberIds', 'memberIds is required where the electorate is a list');
  if (electorate !== 'list' && memberIds !== undefined) throw malformed('memberIds', 'memberIds is only for the electorate list');
  if (secrecy === 'secret' && allowChange) throw secretFinal();
  if (electorate === 'public' && quorum?.percent !== undefined) throw meaningless('quorum.percent', 'nobody knows how many might vote in a public poll; give quorum.min');
}

const LAST_YEAR = NEVER.getUTCFullYear() - 1;

/** @param now by the database's clock @throws pollInvalid */
export function checkTimes({ opensAt, closesAt }: Pick<PollSettings, 'opensAt' | 'closesAt'>, now: Date): void {
  if (!closesAt) return;
  if (closesAt <= now) throw meaningless('closesAt', 'is past');
  if (opensAt && closesAt <= opensAt) throw meaningless('closesAt', 'must be after opensAt');
  if (closesAt.getUTCFullYear() > LAST_YEAR) throw meaningless('closesAt', `must be in the year ${LAST_YEAR} at the latest; leave it out to close the poll yourself`);
}

/** @param standing of the viewer in this poll */
export function rightsOf(viewer: Viewer, poll: Poll, { hasVoted, isListed }: { hasVoted: boolean; isListed: boolean }): PollRights {
  const mayVote = viewer.permissions === undefined || viewer.permissions.has(Permission.PollsVote);
  const isOpenToThem = poll.state === 'open' && mayVote && isEligible(viewer, poll, isListed);
  return { vote: isOpenToThem && !hasVoted, change: isOpenToThem && poll.allowChange && hasVoted, seeResults: seesResults(viewer, poll, hasVoted) };
}

const malformed = (path: string, message: string) => requestInvalid({ errors: [{ path, message }] });
const meaningless = (path: string, reason: string) => pollInvalid({ path, reason });
