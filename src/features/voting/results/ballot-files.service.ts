import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { PollAccess } from '../poll-access.service.js';
import type { Poll } from '../poll.types.js';
import type { Viewer } from '../visibility.rules.js';
import { formatUnsupported } from '../voting.errors.js';
import { abifOf, bltOf, type BallotFormat } from './ballot-formats.rules.js';
import { PollBallotRepository, type ShownBallot } from './poll-ballot.repository.js';
import { PollTallyRepository } from './poll-tally.repository.js';
import { standing } from './results.rules.js';

const BALLOTS_PER_PAGE = 1_000;

/** All ballots of a poll as a file, for counting them elsewhere. */
@Injectable()
export class BallotFiles {
  constructor(
    private readonly database: Database,
    private readonly access: PollAccess,
    private readonly ballots: PollBallotRepository,
    private readonly tallies: PollTallyRepository,
  ) {}

  /** @throws notFound, authRequired, resultsHidden; formatUnsupported */
  async open(viewer: Viewer, pollId: string, format: BallotFormat): Promise<string | Readable> {
    const poll = await this.access.getCounted(viewer, pollId);
    if (format === 'csv') return Readable.from(this.lines(poll));
    if (format === 'blt' && poll.method === 'score') throw formatUnsupported({}, 'BLT has ranks and no scores; take csv or abif.');
    const tally = await this.tallies.get(this.database, pollId);
    const written = { ...poll, candidates: standing(poll.candidates, tally) };
    return format === 'blt' ? bltOf(written, tally.rows) : abifOf(written, tally.rows);
  }

  /**
   * A page at a time, each read when the client has taken the one before, and in no snapshot: whoever reads slowly holds
   * nothing of the database's. Of a poll that has ended the ballots do not change; of an open one votes may be missing
   * that came meanwhile.
   */
  private async *lines({ id: pollId, secrecy }: Poll): AsyncGenerator<string> {
    const isNamed = secrecy === 'named';
    yield isNamed ? 'ballotId,choice,voterId,castAt\r\n' : 'ballotId,choice\r\n';
    let page: ShownBallot[];
    let afterId: string | undefined;
    do {
      page = await this.ballots.listAfter(this.database, pollId, { afterId, limit: BALLOTS_PER_PAGE });
      afterId = page.at(-1)?.id;
      yield page.map(({ id, choice, voterId, castAt }) => `${[id, `"${choice.replaceAll('"', '""')}"`, ...(isNamed ? [voterId, castAt?.toISOString()] : [])].join(',')}\r\n`).join('');
    } while (page.length === BALLOTS_PER_PAGE);
  }
}
