import { barsSvg } from '../../../platform/http/svg-bars.js';
import type { Poll, PollMethod } from '../poll.types.js';
import type { PollResult } from './results.types.js';

const UNIT: Readonly<Record<PollMethod, string>> = { single: 'votes', approval: 'approvals', score: 'points', irv: 'first preferences', schulze: 'first preferences' };

/** A result as a picture: a bar for each candidate, most first. By ranked methods somebody may win with a shorter one, so winners are marked and the reason is told. */
export function resultChart({ title }: Pick<Poll, 'title'>, { method, candidates, winners, totalVotes, final, unverified, quorum, explanation }: PollResult): string {
  const facts = [
    UNIT[method],
    `${totalVotes} ${totalVotes === 1 ? 'voter' : 'voters'}`,
    final ? 'final' : 'so far',
    ...(unverified ? ['unverified'] : []),
    ...(quorum?.reached === false ? [`quorum of ${quorum.required} not reached`] : []),
  ];
  return barsSvg({
    title,
    subtitle: facts.join(' · '),
    words: explanation ?? '',
    bars: candidates.map(({ candidateId, name, votes }) => ({ label: name, value: votes, mark: winners.includes(candidateId) ? 'winner' : undefined })),
  });
}
