import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { genesisHash, linkHash } from '../../src/features/voting/chain.rules.js';
import { PollClosing } from '../../src/features/voting/poll-closing.service.js';
import { PollResults } from '../../src/features/voting/results/poll-results.service.js';
import { certificationOf } from '../../src/features/voting/results/results.rules.js';
import type { PollResult } from '../../src/features/voting/results/results.types.js';
import { VotingTasks } from '../../src/features/voting/voting.tasks.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { givenPoll, type GivenPoll, type GivenPollOptions } from '../support/given-polls.js';
import { pollViolations } from '../support/polls-invariants.js';

/** Two processes' worth on one database. */
let apps: TestApp[];
let database: Database;
let transactions: Transactions;
let moderator: GivenMember;
let voters: GivenMember[];

beforeAll(async () => {
  const first = await createTestApp();
  apps = [first, await createTestApp({ APP_SECRET: first.secret })];
  [database, transactions] = [first.app.get(Database), first.app.get(Transactions)];
  moderator = await first.given.member({ role: 'moderator' });
  voters = await Promise.all(Array.from({ length: 5 }, () => first.given.member()));
});
afterAll(async () => {
  for (const app of apps) await app.close();
});

const http = (n = 0) => apps[n % 2]!.http;
const given = (options?: GivenPollOptions) => givenPoll(transactions, options);
const act = (id: string, what: string, n = 0) => http(n).post(`/api/polls/${id}/${what}`).set(moderator.auth);
const patch = (id: string, body: object, n = 0) => http(n).patch(`/api/polls/${id}`).set(moderator.auth).send(body);
const shown = async (id: string) => (await http().get(`/api/polls/${id}`).set(moderator.auth).expect(200)).body;
const vote = (poll: GivenPoll, voter: GivenMember, candidate = 0) => http().post(`/api/polls/${poll.id}/votes`).set(voter.auth).send({ candidateId: poll.candidates[candidate] }).expect(201);
const write = (sql: string, values: unknown[]) => transactions.run((tx) => tx.write(sql, values));
const one = async <Row>(sql: string, id: string): Promise<Row> => (await database.rows<Row>(sql, [id]))[0]!;
const row = (id: string) => one<{ ended: string | null; size: number | null; secret: Buffer | null; result: string | null }>(
  'SELECT p.ended, p.electorate_size AS size, s.voter_secret AS secret, CAST(p.result AS CHAR) AS result FROM poll p JOIN poll_secret s ON s.poll_id = p.id WHERE p.id = ?', id,
);
const recorded = async (id: string) => (await database.rows<{ action: string }>('SELECT action FROM audit_entry WHERE subject_id = ? ORDER BY seq', [id])).map(({ action }) => action);

/** A closed poll with votes of everybody. */
async function closedPoll(options: GivenPollOptions = {}): Promise<GivenPoll> {
  const poll = await given(options);
  await Promise.all(voters.map((voter, n) => vote(poll, voter, n % 2)));
  await act(poll.id, 'close').expect(200);
  return poll;
}

/** The answer to an edit that has to wait until its poll has opened, since somebody else has the row which `sql` writes. */
async function editHeldUp(sql: string, id: string, body: object): Promise<{ status: number; body: object }> {
  let edit: Promise<{ status: number; body: object }> | undefined;
  await transactions.run(async (tx) => {
    await tx.write(sql, [id]);
    edit = patch(id, body).then((answer) => answer);
    await eventually(async () => expect(await hasOpened(id)).toBe(true));
  });
  return edit!;
}
const hasOpened = async (id: string) => (await one<{ open: 0 | 1 }>('SELECT UTC_TIMESTAMP(3) >= opens_at AS open FROM poll_guard WHERE poll_id = ?', id)).open === 1;

describe('an act that 20 do at once in two processes', () => {
  it.each([
    ['open', { opensInMs: null }, 'poll.opened'],
    ['close', {}, 'poll.closed'],
    ['cancel', {}, 'poll.cancelled'],
  ])('%s: is done once, and answered to all', async (what, options, action) => {
    const { id } = await given(options);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => act(id, what, n).expect(200)));
    const polls = answers.map(({ body }) => body);
    for (const poll of polls) expect(poll).toEqual(polls[0]);
    expect(await recorded(id)).toEqual([action]);
  });

  it('certify: there is one result, under one link', async () => {
    const { id } = await closedPoll();
    const links = async () => (await one<{ n: number }>('SELECT COUNT(*) AS n FROM poll_link WHERE poll_id = ?', id)).n;
    const before = await links();
    await Promise.all(Array.from({ length: 20 }, (_, n) => act(id, 'certify', n).expect(200)));
    expect(await links()).toBe(before + 1);
    expect(await recorded(id)).toEqual(['poll.closed', 'poll.certified']);
  });

  it('withdraw: is done once', async () => {
    const { id, candidates } = await given();
    await Promise.all(Array.from({ length: 20 }, (_, n) => act(id, `candidates/${candidates[0]}/withdraw`, n).expect(200)));
    expect(await recorded(id)).toEqual(['poll.candidate-withdrawn']);
  });

  it('of close and cancel one wins', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await given();
      const [closing, cancelling] = await Promise.all([act(id, 'close', 0), act(id, 'cancel', 1)]);
      expect([closing.status, cancelling.status].sort()).toEqual([200, 409]);
      expect((await shown(id)).state).toBe(closing.status === 200 ? 'closed' : 'cancelled');
    }
  });
});

describe('an edit', () => {
  it('and an opening that race: what was answered is what the poll is', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await given({ opensInMs: null });
      const [edit, opening] = await Promise.all([patch(id, { candidates: [{ name: 'Zoe' }], electorate: 'list', memberIds: [voters[0]!.id] }, 0), act(id, 'open', 1).expect(200)]);
      const { state, candidates, electorate, memberIds } = await shown(id);
      expect([state, opening.body.state]).toEqual(['open', 'open']);
      const names = candidates.map(({ name }: { name: string }) => name);
      if (edit.status === 200) expect([names, electorate, memberIds]).toEqual([['Zoe'], 'list', [voters[0]!.id]]);
      else {
        expect([edit.status, edit.body.code]).toEqual([409, 'poll.not-editable']);
        expect([names, electorate]).toEqual([['A', 'B', 'C'], 'all']);
      }
    }
  });

  it('that waited until the poll was open does not change who votes in what', async () => {
    const { id } = await given({ opensInMs: 300 });
    const edit = await editHeldUp('UPDATE poll_guard SET version = version + 1 WHERE poll_id = ?', id, { electorate: 'public' });
    expect(edit).toMatchObject({ status: 409, body: { code: 'poll.not-editable', fields: ['electorate'] } });
    expect(await shown(id)).toMatchObject({ state: 'open', electorate: 'all' });
  });

  it('of a draft that opens meanwhile is taken back', async () => {
    const { id } = await given({ opensInMs: 2_000 });
    const edit = await editHeldUp('UPDATE poll SET title = title WHERE id = ?', id, { description: 'Other', electorate: 'public' });
    // Begun as an edit of a draft, of which nothing may stay; of an open poll the description could be changed.
    expect(edit).toMatchObject({ status: 409, body: { code: 'poll.not-editable', fields: ['description', 'electorate'] } });
    expect(await shown(id)).toMatchObject({ state: 'open', electorate: 'all', description: null });
    expect(await recorded(id)).toEqual([]);
  });
});

describe('time', () => {
  it('opens and closes a poll with nobody at work', async () => {
    const poll = await given({ opensInMs: 300, closesInMs: 900 });
    expect((await shown(poll.id)).state).toBe('draft');
    await eventually(async () => expect((await shown(poll.id)).can.vote).toBe(true));
    await vote(poll, voters[0]!);
    await eventually(async () => expect(await shown(poll.id)).toMatchObject({ state: 'closed', can: { vote: false } }));
    // Who looked first has written it down.
    expect((await row(poll.id)).ended).toBe('closed');
    expect(await pollViolations(database)).toEqual([]);
  });

  it('closes a poll before whatever a manager does to it', async () => {
    const due = () => given({ opensInMs: -60_000, closesInMs: -1 });
    const [first, second, third] = [await due(), await due(), await due()];
    expect((await act(first.id, 'cancel').expect(409)).body.code).toBe('poll.ended');
    expect((await act(second.id, 'close').expect(200)).body.state).toBe('closed');
    expect(await recorded(second.id)).toEqual([]);
    expect((await act(third.id, 'certify').expect(200)).body.state).toBe('certified');
  });

  it('is written down every minute, for polls that nobody looks at', async () => {
    const [due, open, draft] = [await given({ closesInMs: -1 }), await given({ closesInMs: 60_000 }), await given({ opensInMs: null, closesInMs: -1 })];
    await Promise.all(apps.map(({ app }) => app.get(VotingTasks).closeDue()));
    expect((await row(due.id)).ended).toBe('closed');
    for (const { id } of [open, draft]) expect((await row(id)).ended).toBeNull();
    expect((await shown(due.id)).seed).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is written down once, however many look at once', async () => {
    const { id } = await given({ closesInMs: -1 });
    const looks = await Promise.all(Array.from({ length: 60 }, (_, n) => http(n).get(`/api/polls/${id}`).set(moderator.auth).expect(200)));
    expect(new Set(looks.map(({ body }) => body.state))).toEqual(new Set(['closed']));
    const { version } = await one<{ version: number }>('SELECT version FROM poll_guard WHERE poll_id = ?', id);
    await Promise.all(apps.map(({ app }) => app.get(PollClosing).closeDue(id)));
    expect([version, await one('SELECT version FROM poll_guard WHERE poll_id = ?', id)]).toEqual([2, { version: 2 }]);
  });

  it('is written down in one transaction of a process', async () => {
    const { id } = await given({ closesInMs: -1 });
    const runs = jest.spyOn(transactions, 'run');
    try {
      await Promise.all(Array.from({ length: 60 }, () => apps[0]!.app.get(PollClosing).closeDue(id)));
      expect(runs).toHaveBeenCalledTimes(1);
    } finally {
      runs.mockRestore();
    }
  });

  it('is written down of the others when one poll cannot be closed', async () => {
    const [bad, good] = [await given({ closesInMs: -2_000 }), await given({ closesInMs: -1_000 })];
    const closing = apps[0]!.app.get(PollClosing);
    const shut = closing.shut.bind(closing);
    const spy = jest.spyOn(closing, 'shut').mockImplementation((tx, poll) => (poll.id === bad.id ? Promise.reject(new Error('nobody knows why')) : shut(tx, poll)));
    try {
      await closing.closeAllDue();
    } finally {
      spy.mockRestore();
    }
    expect([(await row(bad.id)).ended, (await row(good.id)).ended]).toEqual([null, 'closed']);
    await closing.closeAllDue();
    expect((await row(bad.id)).ended).toBe('closed');
  });

  it('stops closing when the process stops', async () => {
    const due = await given({ closesInMs: -1 });
    await expect(apps[0]!.app.get(PollClosing).closeAllDue(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    expect((await row(due.id)).ended).toBeNull();
  });

  it('does not change how many might have voted, once that is over', async () => {
    const members = (await database.rows<{ n: number }>('SELECT COUNT(*) AS n FROM member WHERE disabled_at IS NULL'))[0]!.n;
    const sizeOf = async (options: GivenPollOptions) => {
      const { id } = await given({ ...options, closesInMs: -1 });
      await shown(id);
      return (await row(id)).size;
    };
    expect(await sizeOf({})).toBe(members);
    expect(await sizeOf({ memberIds: [voters[0]!.id, voters[1]!.id] })).toBe(2);
    expect(await sizeOf({ electorate: 'public' })).toBeNull();
    const locked = await apps[0]!.given.member();
    await write('UPDATE member SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', [locked.id]);
    expect(await sizeOf({})).toBe(members);
  });
});

describe('certification', () => {
  it('freezes the result under the last link of the chain, and forgets who has voted', async () => {
    const { id } = await closedPoll();
    const { secret } = await row(id);
    expect(secret).toHaveLength(32);
    const certified = (await act(id, 'certify').expect(200)).body;
    const after = await row(id);
    expect(after).toMatchObject({ ended: 'certified', secret: null });
    const result = JSON.parse(after.result!) as PollResult;
    expect(result).toMatchObject({ final: true, totalVotes: 5, candidates: [{ votes: 3 }, { votes: 2 }, { votes: 0 }] });
    // Without a part that cannot be guessed, the hash in the chain would tell the counts to whoever tries them all.
    expect(result.certificationSalt).toMatch(/^[0-9a-f]{64}$/);
    const links = await database.rows<{ seq: number; hash: string }>('SELECT seq, hash FROM poll_link WHERE poll_id = ? ORDER BY seq', [id]);
    const receipts = await database.rows<{ receipt: string; seq: number }>('SELECT receipt, link_seq AS seq FROM poll_receipt WHERE poll_id = ?', [id]);
    let hash = genesisHash(id, certified.seedCommitment);
    for (const { seq } of links.slice(0, -1)) hash = linkHash(hash, receipts.filter((receipt) => receipt.seq === seq).map(({ receipt }) => receipt));
    expect(links.at(-1)!.hash).toBe(linkHash(hash, [certificationOf(result)]));
    const poll = { ...certified, closesAt: new Date(certified.closesAt), opensAt: new Date(certified.opensAt), ended: 'certified' };
    expect(await apps[1]!.app.get(PollResults).count(database, poll)).toEqual(result);
    expect(await pollViolations(database)).toEqual([]);
  });

  it('is not what a cancelled poll gets, which forgets who has voted all the same', async () => {
    const { id } = await given();
    await act(id, 'cancel').expect(200);
    expect(await row(id)).toMatchObject({ ended: 'cancelled', secret: null, result: null });
    await act(id, 'certify').expect(409);
  });

  it('is possible without any votes, of secret polls, and after votes were changed and taken back', async () => {
    const empty = await given();
    const secret = await given({ secrecy: 'secret' });
    const changed = await given({ allowChange: true });
    await Promise.all(voters.map((voter) => http().post(`/api/polls/${secret.id}/votes`).set(voter.auth).send({ candidateId: secret.candidates[0], nonce: newId().replaceAll('-', '') }).expect(201)));
    for (const voter of voters) await vote(changed, voter);
    await http().put(`/api/polls/${changed.id}/votes/mine`).set(voters[0]!.auth).send({ candidateId: changed.candidates[1] }).expect(200);
    await http().delete(`/api/polls/${changed.id}/votes/mine`).set(voters[1]!.auth).expect(204);
    for (const { id } of [empty, secret, changed]) {
      await act(id, 'close').expect(200);
      expect((await act(id, 'certify').expect(200)).body.state).toBe('certified');
    }
  });

  it('walks a chain of more links than it reads at once', async () => {
    const poll = await given();
    const { hash } = await one<{ hash: string }>('SELECT link_hash AS hash FROM poll_guard WHERE poll_id = ?', poll.id);
    const hashes = [hash];
    for (let seq = 1; seq <= 450; seq += 1) hashes.push(linkHash(hashes.at(-1)!, []));
    await transactions.run(async (tx) => {
      await tx.write('INSERT INTO poll_link (poll_id, seq, hash) VALUES ?', [hashes.slice(1).map((link, at) => [poll.id, at + 1, link])]);
      await tx.write('UPDATE poll_guard SET link_seq = 450, link_hash = ? WHERE poll_id = ?', [hashes.at(-1), poll.id]);
    });
    await vote(poll, voters[0]!);
    await act(poll.id, 'close').expect(200);
    await act(poll.id, 'certify').expect(200);
  });

  it.each([
    ['a vote was added to the tally', 'UPDATE poll_tally SET votes = votes + 1 WHERE poll_id = ? LIMIT 1'],
    ['the tally was given another choice', `UPDATE poll_tally SET choice = '{"candidateId":"nobody"}' WHERE poll_id = ? LIMIT 1`],
    ['a row of the tally is gone', 'DELETE FROM poll_tally WHERE poll_id = ? LIMIT 1'],
    ['a ballot is gone', 'DELETE FROM poll_ballot WHERE poll_id = ? LIMIT 1'],
    ['ballots say something else', 'UPDATE poll_ballot SET choice_hash = REPEAT(\'x\', 32) WHERE poll_id = ?'],
    ['a ballot was swapped for another', 'UPDATE poll_ballot SET id = UUID() WHERE poll_id = ? LIMIT 1'],
    ['a voter is gone', 'DELETE FROM poll_voter WHERE poll_id = ? LIMIT 1'],
    ['a receipt is gone', 'DELETE FROM poll_receipt WHERE poll_id = ? LIMIT 1'],
    ['a receipt was altered', "UPDATE poll_receipt SET receipt = CONCAT(LEFT(receipt, 35), 'x') WHERE poll_id = ? LIMIT 1"],
    ['a link was altered', "UPDATE poll_link SET hash = REPEAT('0', 64) WHERE poll_id = ? ORDER BY seq LIMIT 1"],
    ['the last link is gone', 'DELETE FROM poll_link WHERE poll_id = ? ORDER BY seq DESC LIMIT 1'],
    ['the chain ends elsewhere', "UPDATE poll_guard SET link_hash = REPEAT('0', 64) WHERE poll_id = ?"],
    ['the commitment to the seed was altered', "UPDATE poll SET seed_commitment = REPEAT('0', 64) WHERE id = ?"],
    ['the seed was altered', "UPDATE poll_secret SET seed = REPEAT('0', 64) WHERE poll_id = ?"],
  ])('is refused when %s', async (_, tampering) => {
    const { id } = await closedPoll();
    expect(await write(tampering, [id])).toBeGreaterThan(0);
    expect((await act(id, 'certify').expect(500)).body.code).toBe('internal');
    const { ended, secret, result } = await row(id);
    expect([ended, result, secret?.length]).toEqual(['closed', null, 32]);
    expect(await recorded(id)).toEqual(['poll.closed']);
    await write('DELETE FROM poll WHERE id = ?', [id]);
    await write('DELETE FROM poll_ballot WHERE poll_id = ?', [id]);
  });
});

it('who was on a list and who was not is decided before a poll opens', async () => {
  const poll = await given({ opensInMs: 200, memberIds: [voters[0]!.id] });
  await eventually(async () => expect((await shown(poll.id)).state).toBe('open'));
  for (const edit of [{ memberIds: [voters[1]!.id] }, { electorate: 'all' }]) expect((await patch(poll.id, edit).expect(409)).body.code).toBe('poll.not-editable');
  await http().post(`/api/polls/${poll.id}/votes`).set(voters[1]!.auth).send({ candidateId: poll.candidates[0] }).expect(403);
  await vote(poll, voters[0]!);
});
