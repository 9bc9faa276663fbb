import { createHash, randomBytes } from 'node:crypto';
import { genesisHash } from '../../src/features/voting/chain.rules.js';
import type { Electorate, PollMethod, ResultVisibility, Secrecy } from '../../src/features/voting/poll.types.js';
import { newId } from '../../src/platform/database/columns.js';
import type { Transactions } from '../../src/platform/database/transactions.js';

export interface GivenPollOptions {
  title?: string;
  method?: PollMethod;
  /** Names of the candidates: A, B and C by default. */
  names?: readonly string[];
  electorate?: Electorate;
  memberIds?: readonly string[];
  allowChange?: boolean;
  secrecy?: Secrecy;
  results?: ResultVisibility;
  maxScore?: number;
  quorum?: { min?: number; percent?: number };
  /** Milliseconds from now by the database's clock; null for a draft that nobody has opened. */
  opensInMs?: number | null;
  /** The same; null for a poll that somebody has to close. */
  closesInMs?: number | null;
}

export interface GivenPoll {
  id: string;
  /** Ids of the candidates, in the order of their names. */
  candidates: string[];
}

/** A poll straight in the database, open unless said otherwise. */
export async function givenPoll(transactions: Transactions, options: GivenPollOptions = {}): Promise<GivenPoll> {
  const { names = ['A', 'B', 'C'], memberIds = [], opensInMs = -60_000, closesInMs = null, quorum } = options;
  const [id, seed] = [newId(), randomBytes(32).toString('hex')];
  const commitment = createHash('sha256').update(seed).digest('hex');
  const candidates = names.map(() => newId());
  await transactions.run(async (tx) => {
    await tx.write(
      `INSERT INTO poll (id, title, description, method, electorate, allow_change, secrecy, results, max_score, quorum_min, quorum_percent, seed_commitment, created_by, created_at)
       VALUES (?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, UTC_TIMESTAMP(3))`,
      [
        id, options.title ?? 'Which one?', options.method ?? 'single', options.electorate ?? (memberIds.length > 0 ? 'list' : 'all'), options.allowChange ? 1 : 0, options.secrecy ?? 'named',
        options.results ?? 'live', options.maxScore ?? 5, quorum?.min ?? null, quorum?.percent ?? null, commitment,
      ],
    );
    await tx.write('INSERT INTO poll_candidate (poll_id, id, position, name, description, withdrawn) VALUES ?', [names.map((name, i) => [id, candidates[i], i, name, null, 0])]);
    if (memberIds.length > 0) await tx.write('INSERT INTO poll_elector (poll_id, member_id) VALUES ?', [memberIds.map((memberId) => [id, memberId])]);
    await tx.write('INSERT INTO poll_secret (poll_id, voter_secret, seed) VALUES (?, ?, ?)', [id, randomBytes(32), seed]);
    const after = (ms: number | null) => (ms === null ? 'NULL' : `UTC_TIMESTAMP(3) + INTERVAL ${ms * 1000} MICROSECOND`);
    await tx.write(
      `INSERT INTO poll_guard (poll_id, open, opens_at, closes_at, version, edition, link_seq, link_hash) VALUES (?, ?, ${after(opensInMs)}, ${closesInMs === null ? "'9999-12-31'" : after(closesInMs)}, 1, 1, 0, ?)`,
      [id, opensInMs === null ? 0 : 1, genesisHash(id, commitment)],
    );
  });
  return { id, candidates };
}
