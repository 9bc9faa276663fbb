import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { serverBusy } from '../../../platform/errors/house.errors.js';
import { PollAccess } from '../poll-access.service.js';
import type { Poll } from '../poll.types.js';
import type { Viewer } from '../visibility.rules.js';
import { formatUnsupported } from '../voting.errors.js';
import { abifOf, bltOf, type BallotFormat } from './ballot-formats.rules.js';
import { PollBallotRepository, type ShownBallot } from './poll-ballot.repository.js';
import { PollTallyRepository } from './poll-tally.repository.js';
import { standing } from './results.rules.js';

const BALLOTS_PER_PAGE = 1_000;
/** Each holds a snapshot for as long as its client takes, and exports need some too. */
const MOST_STREAMS = 2;

/** All ballots of a poll as a file, for counting them elsewhere. */
@Injectable()
export class BallotFiles {
  private streams = 0;

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly access: PollAccess,
    private readonly ballots: PollBallotRepository,
    private readonly tallies: PollTallyRepository,
  ) {}

  /** @throws notFound, authRequired, resultsHidden; formatUnsupported; serverBusy while this process sends two others */
  async open(viewer: Viewer, pollId: string, format: BallotFormat): Promise<string | Readable> {
    const poll = await this.access.getCounted(viewer, pollId);
    if (format === 'csv') return this.csv(poll);
    if (format === 'blt' && poll.method === 'score') throw formatUnsupported({}, 'BLT has ranks and no scores; take csv or abif.');
    const tally = await this.tallies.get(this.database, pollId);
    const written = { ...poll, candidates: standing(poll.candidates, tally) };
    return format === 'blt' ? bltOf(written, tally.rows) : abifOf(written, tally.rows);
  }

  /** As of one moment, however long it takes, and a page at a time. */
  private csv(poll: Poll): Readable {
    if (this.streams >= MOST_STREAMS) throw serverBusy({ retryAfterSeconds: 5 });
    this.streams += 1;
    const file = new PassThrough();
    this.transactions
      .snapshot((snapshot) => pipeline(this.lines(poll, (afterId) => this.ballots.listAfter(snapshot, poll.id, { afterId, limit: BALLOTS_PER_PAGE })), file))
      .catch((error: unknown) => file.destroy(error as Error))
      .finally(() => {
        this.streams -= 1;
      });
    return file;
  }

  private async *lines({ secrecy }: Poll, list: (afterId: string | undefined) => Promise<ShownBallot[]>): AsyncGenerator<string> {
    const isNamed = secrecy === 'named';
    yield isNamed ? 'ballotId,choice,voterId,castAt\r\n' : 'ballotId,choice\r\n';
    let page: ShownBallot[];
    let afterId: string | undefined;
    do {
      page = await list(afterId);
      afterId = page.at(-1)?.id;
      yield page.map(({ id, choice, voterId, castAt }) => `${[id, `"${choice.replaceAll('"', '""')}"`, ...(isNamed ? [voterId, castAt?.toISOString()] : [])].join(',')}\r\n`).join('');
    } while (page.length === BALLOTS_PER_PAGE);
  }
}
