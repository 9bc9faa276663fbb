import { createHash } from 'node:crypto';
import { requestInvalid } from '../../../platform/errors/house.errors.js';
import type { Choice, Poll, PollMethod } from '../poll.types.js';
import { ballotInvalid, unknownCandidate } from '../voting.errors.js';

const MOST_OPINION_CHARACTERS = 1_000;
const NONCE = /^[A-Za-z0-9_-]{22,200}$/;
/** Lines of text, as everywhere else: no control characters. Halves of characters never get past the reader of bodies. */
const TEXT = /^(?:\P{Cc}|[\t\r\n])*$/u;

/** What a member sends to vote. */
export interface Ballot {
  readonly choice: Choice;
  readonly opinion?: string;
  /** In secret polls: makes the receipt, so nobody else may know it. */
  readonly nonce?: string;
  /** What is wrong with it by now, and was not when it may have been sent first. */
  readonly refusal?: Error;
}

const FIELD: Readonly<Record<PollMethod, 'candidateId' | 'approve' | 'scores' | 'ranking'>> = {
  single: 'candidateId', approval: 'approve', score: 'scores', irv: 'ranking', schulze: 'ranking',
};

type BallotPoll = Pick<Poll, 'method' | 'candidates' | 'secrecy' | 'maxScore'>;

/**
 * Reads a ballot as the method of its poll wants it.
 *
 * @throws requestInvalid for another shape; unknownCandidate; ballotInvalid for what never meant anything
 */
export function ballotOf(poll: BallotPoll, body: Readonly<Record<string, unknown>>): Ballot {
  const field = FIELD[poll.method];
  const isSecret = poll.secrecy === 'secret';
  for (const name in body) if (name !== field && name !== 'opinion' && !(isSecret && name === 'nonce')) throw malformed(name, `property ${name} should not exist`);
  if (body[field] === undefined || body[field] === null || body[field] === '') throw malformed(field, `${field} is required`);
  const { opinion, nonce } = body;
  if (opinion !== undefined && opinion !== null) checkOpinion(opinion);
  if (isSecret && (typeof nonce !== 'string' || !NONCE.test(nonce))) {
    throw malformed('nonce', nonce === undefined ? 'nonce is required: 22 or more random base64url characters' : 'nonce must be 22 to 200 base64url characters');
  }
  const choice = READ[field](poll, body[field]);
  const named = candidatesOn(choice);
  const isIdle = !poll.candidates.some(({ id, withdrawn }) => !withdrawn && named.includes(id));
  return {
    choice,
    ...(typeof opinion === 'string' && opinion !== '' && { opinion }),
    ...(typeof nonce === 'string' && { nonce }),
    ...(isIdle && { refusal: meaningless(field, 'names nobody who has not withdrawn') }),
  };
}

/** The choice in the one spelling under which it is tallied, and the SHA-256 of that. */
export interface SealedChoice {
  readonly json: string;
  readonly hash: Buffer;
}

export function sealed(choice: Choice): SealedChoice {
  const json = JSON.stringify(choice);
  return { json, hash: createHash('sha256').update(json).digest() };
}

const READ: Readonly<Record<(typeof FIELD)[PollMethod], (poll: BallotPoll, value: unknown) => Choice>> = {
  candidateId: (poll, value) => {
    if (typeof value !== 'string') throw malformed('candidateId', 'candidateId must be the id of a candidate');
    return { candidateId: known(poll, 'candidateId', value) };
  },
  approve: (poll, value) => {
    if (!isTexts(value)) throw malformed('approve', 'approve must be a list of ids of candidates');
    if (value.length === 0) throw malformed('approve', 'approve is required: name at least one candidate');
    return { approve: distinct(poll, 'approve', value).sort() };
  },
  scores: (poll, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('scores', 'scores must be an object of a number for each id of a candidate');
    const scores = Object.entries(value as Record<string, unknown>).map(([id, score]) => [id.toLowerCase(), score] as const).sort(([one], [other]) => (one < other ? -1 : 1));
    if (scores.length === 0) throw malformed('scores', 'scores is required: score at least one candidate');
    for (const [id, score] of scores) if (typeof score !== 'number') throw malformed(`scores.${id}`, 'a score must be a number');
    distinct(poll, 'scores', scores.map(([id]) => id));
    for (const [id, score] of scores as readonly (readonly [string, number])[]) {
      if (!Number.isInteger(score) || score < 0 || score > poll.maxScore) throw meaningless(`scores.${id}`, `a score is a whole number from 0 to ${poll.maxScore}`);
    }
    return { scores: Object.fromEntries(scores) as Record<string, number> };
  },
  ranking: (poll, value) => {
    if (!Array.isArray(value) || !value.every(isTexts)) throw malformed('ranking', 'ranking must be a list of ranks, each a list of ids of candidates');
    if (value.flat().length === 0) throw malformed('ranking', 'ranking is required: rank at least one candidate');
    distinct(poll, 'ranking', value.flat());
    const empty = value.findIndex((rank) => rank.length === 0);
    if (empty !== -1) throw meaningless(`ranking.${empty}`, 'a rank without candidates');
    const shared = value.findIndex((rank) => rank.length > 1);
    if (poll.method === 'irv' && shared !== -1) throw meaningless(`ranking.${shared}`, 'candidates cannot share a rank in this method');
    return { ranking: value.map((rank) => rank.map((id) => id.toLowerCase()).sort()) };
  },
};

/** Every candidate that is named on a ballot. */
function candidatesOn(choice: Choice): readonly string[] {
  if ('candidateId' in choice) return [choice.candidateId];
  if ('approve' in choice) return choice.approve;
  return 'scores' in choice ? Object.keys(choice.scores) : choice.ranking.flat();
}

function distinct(poll: BallotPoll, path: string, ids: readonly string[]): string[] {
  const found = ids.map((id) => known(poll, path, id));
  if (new Set(found).size < found.length) throw meaningless(path, 'names a candidate twice');
  return found;
}

/** The id, in the case that ids have here. */
function known(poll: BallotPoll, path: string, text: string): string {
  const id = text.toLowerCase();
  if (!poll.candidates.some((candidate) => candidate.id === id)) throw unknownCandidate({ path });
  return id;
}

function checkOpinion(opinion: unknown): void {
  if (typeof opinion !== 'string' || [...opinion].length > MOST_OPINION_CHARACTERS) throw malformed('opinion', `opinion must be a text of at most ${MOST_OPINION_CHARACTERS} characters`);
  if (!TEXT.test(opinion)) throw malformed('opinion', 'opinion must not contain control characters besides tabs and line breaks');
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

const malformed = (path: string, message: string) => requestInvalid({ errors: [{ path, message }] });
const meaningless = (path: string, reason: string) => ballotInvalid({ path, reason });
