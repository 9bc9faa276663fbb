import { createHash } from 'node:crypto';

/**
 * The audit chain of a poll: each link is a hash over the link before and what it covers, so that who has noted the
 * last one sees whether anything before it was changed. All are SHA-256 in hexadecimal, of texts joined with `|`.
 */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Where the chain of a poll begins. */
export function genesisHash(pollId: string, seedCommitment: string): string {
  return sha256(`${pollId}|${seedCommitment}`);
}

/** The next link. @param receipts of the batch, in any order: they are sorted */
export function linkHash(previous: string, receipts: readonly string[]): string {
  return sha256([previous, ...[...receipts].sort()].join('|'));
}

/** How the chain says that a receipt counts no more. */
export function revoked(receipt: string): string {
  return `-${receipt}`;
}

/** The receipt of a secret vote: who knows the nonce can show that it is theirs, and a retry finds it again. */
export function secretReceipt(pollId: string, nonce: string): string {
  return sha256(`${pollId}|${nonce}`);
}
