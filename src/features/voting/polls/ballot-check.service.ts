import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../platform/database/transactions.js';
import { sealed } from '../casting/ballot.rules.js';
import { genesisHash, linkHash, sha256 } from '../chain.rules.js';
import type { Guarded } from '../poll-guard.repository.js';
import { PollRepository } from '../poll.repository.js';
import type { Poll } from '../poll.types.js';
import { PollChainRepository } from '../results/poll-chain.repository.js';
import { BallotCheckRepository } from './ballot-check.repository.js';

const LINKS_PER_PAGE = 200;

/** Holds the ballots of a poll against its tally, its voters and its audit chain, and the seed against its hash. It never repairs. */
@Injectable()
export class BallotCheck {
  constructor(
    private readonly repository: BallotCheckRepository,
    private readonly polls: PollRepository,
    private readonly chains: PollChainRepository,
  ) {}

  /** What is wrong; nothing, if nobody has tampered with the tables. @param reader to which everything is as of one moment */
  async faults(reader: Reader, poll: Pick<Poll, 'id' | 'seedCommitment'>, head: Pick<Guarded, 'linkSeq' | 'linkHash'>): Promise<string[]> {
    const { seed } = await this.polls.secrets(reader, poll.id);
    const isCommitted = sha256(seed) === poll.seedCommitment;
    return [...(await this.countFaults(reader, poll.id)), ...(await this.chainFaults(reader, poll, head)), ...(isCommitted ? [] : ['the seed of lots is not the one that was committed to'])];
  }

  private async countFaults(reader: Reader, pollId: string): Promise<string[]> {
    const tally = await this.repository.tally(reader, pollId);
    const { voters, ballots, receipts, strays } = await this.repository.numbers(reader, pollId);
    const tallied = tally.reduce((sum, row) => sum + row.votes, 0);
    return [
      ...tally.filter((row) => row.votes !== row.ballots).map((row) => `the tally has ${row.votes} of ${row.ballots} ballots ${row.hash.toString('hex')}`),
      ...tally.filter(({ choice, hash }) => !sealed(choice).hash.equals(hash)).map(({ hash }) => `the tally has another choice than ballots ${hash.toString('hex')}`),
      ...(tallied === ballots ? [] : [`the tally has ${tallied} of ${ballots} ballots`]),
      ...(voters === ballots ? [] : [`${voters} voters have ${ballots} ballots`]),
      ...(receipts === ballots ? [] : [`${receipts} receipts count, and ${ballots} ballots`]),
      ...(strays === 0 ? [] : [`${strays} ballots have no receipt in the chain`]),
    ];
  }

  private async chainFaults(reader: Reader, { id, seedCommitment }: Pick<Poll, 'id' | 'seedCommitment'>, head: Pick<Guarded, 'linkSeq' | 'linkHash'>): Promise<string[]> {
    let [seq, hash] = [0, genesisHash(id, seedCommitment)];
    for (;;) {
      const links = await this.chains.list(reader, id, seq, LINKS_PER_PAGE);
      if (links.length === 0) break;
      for (const link of links) {
        seq += 1;
        hash = linkHash(hash, link.receipts);
        if (link.seq !== seq || link.hash !== hash) return [`link ${seq} of the chain does not follow`];
      }
    }
    return head.linkSeq === seq && head.linkHash === hash ? [] : ['the chain does not end where it says'];
  }
}
