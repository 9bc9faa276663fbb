import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../platform/database/transactions.js';
import { stateOf, type PollTimes } from '../poll.rules.js';
import type { PollState } from '../poll.types.js';

/** The least that tells whether there is news of a poll. */
interface PollPulse {
  readonly id: string;
  readonly version: number;
  readonly state: PollState;
}

/** Looks after many polls at once. */
@Injectable()
export class PollPulseRepository {
  async list(reader: Reader, ids: readonly string[]): Promise<PollPulse[]> {
    const rows = await reader.rows<Omit<PollPulse, 'state'> & PollTimes & { now: Date }>(
      `SELECT p.id, g.version, p.ended, g.opens_at AS opensAt, g.closes_at AS closesAt, UTC_TIMESTAMP(3) AS now
         FROM poll p JOIN poll_guard g ON g.poll_id = p.id WHERE p.id IN (?)`,
      [ids],
    );
    return rows.map(({ now, ...row }) => ({ id: row.id, version: row.version, state: stateOf(row, now) }));
  }
}
