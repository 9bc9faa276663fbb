import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { linkHash } from '../chain.rules.js';
import { PollGuardRepository } from '../poll-guard.repository.js';
import { PollResults } from '../results/poll-results.service.js';
import { certificationOf, resultText } from '../results/results.rules.js';
import { BallotCheck } from './ballot-check.service.js';
import { PollActs } from './poll-acts.service.js';
import { PollMakingRepository } from './poll-making.repository.js';
import type { ShownPoll } from './polls.types.js';

/** Makes the result of a poll final for good. */
@Injectable()
export class PollCertification {
  constructor(
    private readonly acts: PollActs,
    private readonly check: BallotCheck,
    private readonly results: PollResults,
    private readonly guard: PollGuardRepository,
    private readonly making: PollMakingRepository,
  ) {}

  /**
   * Recounts, and freezes the result: the last link of the chain covers it. Under which names voters were kept is
   * forgotten, so that from then on nobody can find out who has voted in a secret poll.
   *
   * @throws notFound, pollNotClosed; an Error when the ballots are not what was cast: then nothing is changed
   */
  certify(actor: Actor, id: string): Promise<ShownPoll> {
    return this.acts.run(actor, id, 'certify', async (tx, poll, head) => {
      // The guard keeps everybody from writing, so that everything read here is as of one moment.
      const faults = await this.check.faults(tx, poll, head);
      if (faults.length > 0) throw new Error(`poll ${id} cannot be certified: ${faults.slice(0, 10).join('; ')}`);
      const result = { ...(await this.results.count(tx, poll)), certificationSalt: randomBytes(32).toString('hex') };
      const certification = certificationOf(result);
      await this.guard.link(tx, id, head.linkSeq + 1, linkHash(head.linkHash, [certification]), []);
      await this.making.certify(tx, id, resultText(result));
      await this.making.forgetVoters(tx, id);
      return { certification };
    });
  }
}
