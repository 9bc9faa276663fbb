import { defineError } from '../../platform/errors/domain-error.js';

export const pollNotOpen = defineError('poll.not-open', 'conflict', 'This poll takes no votes now; see its state, opensAt and closesAt.');
export const alreadyVoted = defineError('poll.already-voted', 'conflict', 'You have voted in this poll, and a vote counts once.');
export const notEligible = defineError('poll.not-eligible', 'forbidden', 'You are not on the list of voters of this poll.');
export const unknownCandidate = defineError<{ path: string }>('poll.unknown-candidate', 'not-found', 'This poll has no such candidate; GET the poll for the ids of its candidates.');
export const ballotInvalid = defineError<{ path: string; reason: string }>('ballot.invalid', 'unprocessable', 'This ballot means nothing in this poll; see path and reason.');
export const resultsHidden = defineError('poll.results-hidden', 'forbidden', 'The counts of this poll are not shown to you, or not yet; see its `results`.');
export const secretFinal = defineError('poll.secret-final', 'unprocessable', 'Votes of a secret poll cannot be changed, since nobody knows whose they are. Choose secrecy named, or allowChange false.');
export const changeNotAllowed = defineError('poll.change-not-allowed', 'conflict', 'Votes in this poll are final.');
export const notEditable = defineError<{ fields: readonly string[] }>('poll.not-editable', 'conflict', 'This can no longer be changed. Of an open poll only the description can, and closesAt to a later time.');
export const pollNotDraft = defineError('poll.not-draft', 'conflict', 'This poll has ended and cannot be opened again.');
export const pollNotClosed = defineError('poll.not-closed', 'conflict', 'Only a closed poll can be certified.');
export const pollEnded = defineError('poll.ended', 'conflict', 'This poll has ended.');
export const pollInvalid = defineError<{ path: string; reason: string }>('poll.invalid', 'unprocessable', 'There could be no such poll; see path and reason.');
export const deviceTokenInvalid = defineError('poll.device-token-invalid', 'unauthenticated', 'This device token is not one of this poll. POST /api/polls/{id}/device-token gives one.');
export const formatUnsupported = defineError('poll.format-unsupported', 'unprocessable', 'Ballots of this poll cannot be written in this format; csv always can.');
