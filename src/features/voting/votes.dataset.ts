import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { PermissionSet } from '../../platform/auth/permission-set.js';
import { Permission } from '../../platform/auth/permissions.js';
import type { Reader, Snapshot } from '../../platform/database/transactions.js';
import type { Dataset, DatasetColumn, DatasetFilter, DatasetRequest, Row } from '../../platform/datasets/dataset.js';
import { Datasets } from '../../platform/datasets/datasets.js';
import { keysetPages } from '../../platform/datasets/keyset-pages.js';
import { personalDataset } from '../../platform/datasets/personal-dataset.js';
import { PollRepository } from './poll.repository.js';
import type { Poll } from './poll.types.js';
import { PollBallotRepository, type OwnBallot, type ShownBallot } from './results/poll-ballot.repository.js';
import { dependsOnVote, managesPolls, seesResults } from './visibility.rules.js';
import { VoterRepository } from './voter.repository.js';

const POLLS_PER_PAGE = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The ballots of all polls whose counts a member may see; beside it, as a dataset of their own, the member's ballots. */
@Injectable()
export class VotesDataset implements Dataset, OnModuleInit {
  readonly name = 'votes';
  readonly personal = false;

  readonly columns: readonly DatasetColumn[] = [
    { name: 'pollId', type: 'string' },
    { name: 'pollTitle', type: 'string' },
    { name: 'ballotId', type: 'string' },
    { name: 'choice', type: 'string' },
    { name: 'voterId', type: 'string' },
    { name: 'castAt', type: 'instant' },
  ];

  readonly filters: readonly DatasetFilter[] = [
    { name: 'pollId', type: 'string', description: 'only ballots of this poll', faultOf: (value) => (UUID.test(value) ? undefined : 'must be the id of a poll') },
  ];

  constructor(
    private readonly datasets: Datasets,
    private readonly polls: PollRepository,
    private readonly voters: VoterRepository,
    private readonly ballots: PollBallotRepository,
  ) {}

  onModuleInit(): void {
    this.datasets.register(this);
    this.datasets.register(
      personalDataset<OwnBallot, string>({
        name: 'own-votes',
        permission: Permission.PollsRead,
        columns: this.columns.filter(({ name }) => name !== 'voterId'),
        listAfter: (reader, memberId, page) => this.ballots.listOwn(reader, memberId, page),
        keyOf: ({ pollId }) => pollId,
        rowOf: ({ pollId, pollTitle, id, choice, castAt }) => ({ pollId, pollTitle, ballotId: id, choice, castAt }),
      }),
    );
  }

  mayRead(permissions: PermissionSet): boolean {
    return permissions.has(Permission.PollsRead);
  }

  mayReadAllOf({ permissions: shown }: Omit<DatasetRequest, 'memberId'>, permissions: PermissionSet): boolean {
    return managesPolls({ permissions }) || !managesPolls({ permissions: shown });
  }

  async count(snapshot: Snapshot, request: DatasetRequest): Promise<number> {
    let rows = 0;
    for await (const polls of this.shown(snapshot, request)) rows += await this.ballots.count(snapshot, polls.map(({ id }) => id));
    return rows;
  }

  async *pages(snapshot: Snapshot, request: DatasetRequest, pageSize: number): AsyncIterable<readonly Row[]> {
    for await (const polls of this.shown(snapshot, request)) {
      for (const poll of polls) {
        yield* keysetPages({
          pageSize,
          list: (afterId?: string) => this.ballots.listAfter(snapshot, poll.id, { afterId, limit: pageSize }),
          keyOf: ({ id }) => id,
          rowOf: (ballot) => rowOf(poll, ballot),
        });
      }
    }
  }

  /** The polls whose counts this member may see, newest first. */
  private async *shown(reader: Reader, { memberId, permissions, filters: { pollId } }: DatasetRequest): AsyncGenerator<readonly Poll[]> {
    let polls: readonly Poll[] = [];
    do {
      polls = typeof pollId === 'string' ? await this.polls.listByIds(reader, [pollId.toLowerCase()]) : await this.polls.list(reader, { beforeId: polls.at(-1)?.id }, POLLS_PER_PAGE);
      const voted = await this.voters.votedIn(reader, memberId, polls.filter(dependsOnVote).map(({ id }) => id));
      yield polls.filter((poll) => seesResults({ memberId, permissions }, poll, voted.has(poll.id)));
    } while (pollId === undefined && polls.length === POLLS_PER_PAGE);
  }
}

function rowOf({ id, title, secrecy }: Poll, ballot: ShownBallot): Row {
  const isNamed = secrecy === 'named';
  return { pollId: id, pollTitle: title, ballotId: ballot.id, choice: ballot.choice, voterId: isNamed ? ballot.voterId : null, castAt: isNamed ? ballot.castAt : null };
}
