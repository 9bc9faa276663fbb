import { createHash } from 'node:crypto';
import { genesisHash, linkHash } from '../../src/features/voting/chain.rules.js';
import { certificationOf } from '../../src/features/voting/results/results.rules.js';
import type { PollResult } from '../../src/features/voting/results/results.types.js';
import type { Reader } from '../../src/platform/database/transactions.js';

const INVARIANTS = `
  SELECT CONCAT('V1: ', COALESCE(t.poll_id, b.poll_id), ' tallies ', COALESCE(t.votes, 0), ' of ', COALESCE(b.ballots, 0), ' equal ballots') AS violation
    FROM (SELECT poll_id, choice_hash, COUNT(*) AS ballots FROM poll_ballot GROUP BY poll_id, choice_hash) b
    LEFT JOIN poll_tally t ON t.poll_id = b.poll_id AND t.choice_hash = b.choice_hash
   WHERE COALESCE(t.votes, 0) <> b.ballots
  UNION ALL
  SELECT CONCAT('V1: ', t.poll_id, ' tallies ', t.votes, ' ballots that are not there')
    FROM poll_tally t WHERE t.votes <> 0 AND NOT EXISTS (SELECT 1 FROM poll_ballot b WHERE b.poll_id = t.poll_id AND b.choice_hash = t.choice_hash)
  UNION ALL
  SELECT CONCAT('V2: ', p.id, ' has ', (SELECT COUNT(*) FROM poll_ballot b WHERE b.poll_id = p.id), ' ballots of ', (SELECT COUNT(*) FROM poll_voter v WHERE v.poll_id = p.id), ' voters')
    FROM poll p WHERE (SELECT COUNT(*) FROM poll_ballot b WHERE b.poll_id = p.id) <> (SELECT COUNT(*) FROM poll_voter v WHERE v.poll_id = p.id)
  UNION ALL
  SELECT CONCAT('V4: ', b.poll_id, ' has a ballot of ', b.cast_at) FROM poll_ballot b JOIN poll_guard g ON g.poll_id = b.poll_id
   WHERE b.cast_at < g.opens_at OR b.cast_at >= g.closes_at
  UNION ALL
  SELECT CONCAT('seconds: ', p.id, ' has other seconds than ballots') FROM poll p
   WHERE (SELECT COALESCE(SUM(s.votes), 0) FROM poll_second s WHERE s.poll_id = p.id) <> (SELECT COUNT(*) FROM poll_ballot b WHERE b.poll_id = p.id)
  UNION ALL
  SELECT CONCAT('receipts: ', p.id, ' has other live receipts than ballots') FROM poll p
   WHERE (SELECT COALESCE(SUM(IF(r.receipt LIKE '-%', -1, 1)), 0) FROM poll_receipt r WHERE r.poll_id = p.id) <> (SELECT COUNT(*) FROM poll_ballot b WHERE b.poll_id = p.id)
  UNION ALL
  SELECT CONCAT('secrecy: ', b.poll_id, ' has a ballot with a voter or a time') FROM poll_ballot b JOIN poll p ON p.id = b.poll_id
   WHERE p.secrecy = 'secret' AND (b.voter_id IS NOT NULL OR b.cast_at IS NOT NULL)`;

/** What is wrong with the votes of all polls: nothing, ever. */
export async function pollViolations(reader: Reader): Promise<string[]> {
  const found = await reader.rows<{ violation: string }>(INVARIANTS);
  const choices = await reader.rows<{ pollId: string; hash: Buffer; choice: object }>('SELECT poll_id AS pollId, choice_hash AS hash, choice FROM poll_tally');
  const misnamed = choices.filter(({ hash, choice }) => !createHash('sha256').update(JSON.stringify(choice)).digest().equals(hash));
  return [...found.map(({ violation }) => violation), ...misnamed.map(({ pollId }) => `tally: a row of ${pollId} is not what its hash says`), ...(await brokenChains(reader))];
}

/** V5. The last link of a certified poll covers its result. */
async function brokenChains(reader: Reader): Promise<string[]> {
  const polls = await reader.rows<{ id: string; commitment: string; linkSeq: number; linkHash: string; result: string | null }>(
    'SELECT p.id, p.seed_commitment AS commitment, g.link_seq AS linkSeq, g.link_hash AS linkHash, CAST(p.result AS CHAR) AS result FROM poll p JOIN poll_guard g ON g.poll_id = p.id',
  );
  const broken: string[] = [];
  for (const { id, commitment, linkSeq, linkHash: head, result } of polls) {
    const links = await reader.rows<{ seq: number; hash: string }>('SELECT seq, hash FROM poll_link WHERE poll_id = ? ORDER BY seq', [id]);
    const receipts = await reader.rows<{ receipt: string; seq: number }>('SELECT receipt, link_seq AS seq FROM poll_receipt WHERE poll_id = ?', [id]);
    let previous = genesisHash(id, commitment);
    for (const [at, { seq, hash }] of links.entries()) {
      const covered = receipts.filter((row) => row.seq === seq).map(({ receipt }) => receipt);
      previous = linkHash(previous, result !== null && seq === linkSeq ? [...covered, certificationOf(JSON.parse(result) as PollResult)] : covered);
      if (seq !== at + 1 || hash !== previous) broken.push(`V5: link ${seq} of ${id}`);
    }
    if (linkSeq !== links.length || head !== previous) broken.push(`V5: the head of ${id}`);
  }
  return broken;
}
