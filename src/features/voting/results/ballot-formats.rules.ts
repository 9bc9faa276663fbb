import type { Candidate, Choice, Poll, TallyRow } from '../poll.types.js';

export const BALLOT_FORMATS = ['csv', 'blt', 'abif'] as const;
export type BallotFormat = (typeof BALLOT_FORMATS)[number];

/** What is written of a poll; its candidates with their withdrawal as of the rows. */
type WrittenPoll = Pick<Poll, 'title' | 'method' | 'maxScore'> & { readonly candidates: readonly Candidate[] };

/**
 * BLT, by Hill, Wichmann and Woodall (Algorithm 123, 1987), with the `=` for equal ranks of OpenSTV and OpenTally: candidates
 * and seats, who has withdrawn, ballots as numbers of candidates, names, title. Ballots are as they were cast; whoever reads
 * them leaves out the withdrawn. It knows ranks only: approvals are one rank of equals, and scores cannot be written.
 */
export function bltOf({ title, candidates }: WrittenPoll, rows: readonly TallyRow[]): string {
  const numbers = new Map(candidates.map(({ id }, index) => [id, index + 1]));
  const withdrawn = candidates.filter((candidate) => candidate.withdrawn).map(({ id }) => `-${numbers.get(id)!}`);
  const ballots = aggregated(rows, (choice) => ranksOf(choice).map((rank) => rank.map((id) => numbers.get(id)!).join('=')).join(' '));
  return lines([
    `${candidates.length} 1`,
    ...(withdrawn.length === 0 ? [] : [withdrawn.join(' ')]),
    ...ballots.map(([ranking, votes]) => `${votes} ${ranking} 0`),
    '0',
    ...[...candidates.map(({ name }) => name), title].map(quoted),
  ]);
}

/**
 * ABIF, the aggregated ballot information format of Electorama (draft 1): names in brackets, then ballots with how many
 * there are of each. It has no word for somebody who has withdrawn, so those are on no ballot, and ballots that
 * name nobody else are told in a comment.
 */
export function abifOf({ title, method, maxScore, candidates }: WrittenPoll, rows: readonly TallyRow[]): string {
  const tokens = new Map(candidates.filter(({ withdrawn }) => !withdrawn).map(({ id }, index) => [id, `C${index + 1}`]));
  const ballots = aggregated(rows, (choice) => {
    if ('scores' in choice) return Object.entries(choice.scores).filter(([id]) => tokens.has(id)).map(([id, score]) => `${tokens.get(id)!}/${score}`).join(',');
    return ranksOf(choice).map((rank) => rank.filter((id) => tokens.has(id)).map((id) => tokens.get(id)!).join('=')).filter((rank) => rank !== '').join('>');
  });
  return lines([
    JSON.stringify({ title }),
    ...(method === 'score' ? [JSON.stringify({ max_rating: maxScore })] : []),
    ...candidates.filter(({ id }) => tokens.has(id)).map(({ id, name }) => `=${tokens.get(id)!}:[${unbracketed(name)}]`),
    ...ballots.map(([preferences, votes]) => (preferences === '' ? `# ${votes} more named only candidates who have withdrawn` : `${votes}:${preferences}`)),
  ]);
}

function ranksOf(choice: Choice): readonly (readonly string[])[] {
  if ('candidateId' in choice) return [[choice.candidateId]];
  if ('approve' in choice) return [choice.approve];
  if ('ranking' in choice) return choice.ranking;
  throw new Error('scores are no ranks');
}

/** Ballots that read the same, with how many there are; most first. */
function aggregated(rows: readonly TallyRow[], write: (choice: Choice) => string): [string, number][] {
  const votes = new Map<string, number>();
  for (const row of rows) {
    const text = write(row.choice);
    votes.set(text, (votes.get(text) ?? 0) + row.votes);
  }
  return [...votes].sort(([one, more], [other, less]) => less - more || (one < other ? -1 : 1));
}

/** The format has no escape. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', "'")}"`;
}

/** Nor has this one. */
function unbracketed(text: string): string {
  return text.replaceAll('[', '(').replaceAll(']', ')');
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
