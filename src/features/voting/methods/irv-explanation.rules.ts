import type { Elimination } from './count.types.js';
import { listed, NO_VOTES, plural } from './explanation.rules.js';

/** In UTF-16 code units. */
const MAX_LENGTH = 2_000;

type Counts = ReadonlyMap<string, number>;

/** Tells an instant-runoff round by round: who had how much, who went and why, and where those votes went. */
export function explainIrv(
  winner: string | undefined, history: readonly Counts[], eliminations: readonly Elimination[], totalVotes: number, nameOf: (id: string) => string,
): string {
  if (winner === undefined) return NO_VOTES;
  const last = history.at(-1)!;
  const counting = [...last.values()].reduce((sum, votes) => sum + votes, 0);
  const outcome = [
    `${nameOf(winner)} wins with ${last.get(winner)!} of ${plural(counting, 'vote')} after ${plural(history.length, 'round')}.`,
    ...(counting < totalVotes ? [`${totalVotes - counting} of ${plural(totalVotes, 'ballot')} no longer counted, naming nobody who was left.`] : []),
  ];
  const steps = eliminations.map((elimination, round) =>
    `Round ${round + 1}: ${standings(history[round]!, nameOf)}. ${whoWent(elimination, history[round]!, nameOf)}${whereVotesWent(elimination.id, history[round]!, history[round + 1]!, nameOf)}.`);
  return fitted(outcome.join(' '), [...steps, `Round ${history.length}: ${standings(last, nameOf)}.`]);
}

/** Of too many rounds the first are left out: the last decided. */
function fitted(outcome: string, steps: readonly string[]): string {
  for (let left = 0; ; left += 1) {
    const note = left > 0 ? [`(${plural(left, 'round')} left out here.)`] : [];
    const text = [outcome, ...note, ...steps.slice(left)].join(' ');
    if (text.length <= MAX_LENGTH || left === steps.length) return text;
  }
}

function standings(counts: Counts, nameOf: (id: string) => string): string {
  return listed([...counts].sort(([, a], [, b]) => b - a).map(([id, votes]) => `${nameOf(id)} ${votes}`));
}

function whoWent({ id, tied, brokenBy }: Elimination, counts: Counts, nameOf: (id: string) => string): string {
  const fewest = `had the fewest votes (${counts.get(id)!}`;
  if (brokenBy === null) return `${nameOf(id)} ${fewest}) and was eliminated`;
  const why = brokenBy === 'lot' ? 'by lot' : `having had the fewest of them in round ${brokenBy}`;
  return `${listed(tied.map(nameOf))} ${fewest} each); ${nameOf(id)} was eliminated, ${why}`;
}

function whereVotesWent(id: string, before: Counts, after: Counts, nameOf: (id: string) => string): string {
  const gains = [...after].map(([other, votes]) => ({ to: nameOf(other), votes: votes - before.get(other)! })).filter(({ votes }) => votes > 0);
  const lost = before.get(id)! - gains.reduce((sum, { votes }) => sum + votes, 0);
  if (lost > 0) gains.push({ to: 'nobody', votes: lost });
  if (gains.length === 0) return '';
  return `; of those votes ${listed(gains.sort((a, b) => b.votes - a.votes).map(({ to, votes }) => `${votes} went to ${to}`))}`;
}
