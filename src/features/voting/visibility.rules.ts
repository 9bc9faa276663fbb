import type { PermissionSet } from '../../platform/auth/permission-set.js';
import { Permission } from '../../platform/auth/permissions.js';
import type { Poll } from './poll.types.js';

/** Who looks at a poll or votes in it: a member, a device with a token of this poll, or neither. */
export interface Viewer {
  readonly memberId?: string;
  readonly permissions?: PermissionSet;
  /** Good for one poll, which the token names. */
  readonly deviceId?: string;
}

/** Under which the viewer votes; undefined for somebody who is nobody here. */
export function voterIdOf({ memberId, deviceId }: Viewer): string | undefined {
  return memberId ?? deviceId;
}

export function managesPolls({ permissions }: Viewer): boolean {
  return permissions?.has(Permission.PollsManage) === true;
}

/** Drafts are the managers' own; other polls are every member's, and public ones anybody's. */
export function seesPoll(viewer: Viewer, { state, electorate }: Pick<Poll, 'state' | 'electorate'>): boolean {
  if (state === 'draft') return managesPolls(viewer);
  return viewer.memberId !== undefined || electorate === 'public';
}

/**
 * Whether a vote of theirs would be one, if the poll were open and they had not voted.
 *
 * @param isListed whether they are among the electors, where the poll lists them
 */
export function isEligible(viewer: Viewer, { electorate }: Pick<Poll, 'electorate'>, isListed: boolean): boolean {
  const voterId = voterIdOf(viewer);
  if (voterId === undefined) return false;
  if (electorate === 'public') return true;
  return viewer.memberId !== undefined && (electorate === 'all' || isListed);
}

/**
 * The one policy about counts: for answers, events, exports, charts, opinions and ballots alike. Running counts are
 * kept from managers too, where a poll says so: whoever knew them could choose the moment to close it.
 *
 * @param hasVoted asked only where it matters, see {@link dependsOnVote}
 */
export function seesResults(viewer: Viewer, poll: Pick<Poll, 'state' | 'electorate' | 'results'>, hasVoted: boolean): boolean {
  if (!seesPoll(viewer, poll) || poll.state === 'draft' || poll.state === 'cancelled') return false;
  if (poll.results === 'admins') return managesPolls(viewer);
  if (poll.state !== 'open') return true;
  return poll.results === 'live' || (poll.results === 'after-vote' && hasVoted);
}

/** Whether the counts are shown to those only who have voted. */
export function dependsOnVote({ state, results }: Pick<Poll, 'state' | 'results'>): boolean {
  return state === 'open' && results === 'after-vote';
}
