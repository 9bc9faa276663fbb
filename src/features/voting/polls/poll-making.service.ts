import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Audit } from '../../../platform/audit/audit.js';
import type { Actor } from '../../../platform/auth/actor.js';
import { newId } from '../../../platform/database/columns.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { Answer } from '../../../platform/http/answer.js';
import { Idempotency, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { MembersService } from '../../members/index.js';
import { genesisHash, sha256 } from '../chain.rules.js';
import { PollRepository } from '../poll.repository.js';
import { pollInvalid } from '../voting.errors.js';
import { PollMakingRepository } from './poll-making.repository.js';
import { checkSettings, checkTimes } from './polls.rules.js';
import { PollsService } from './polls.service.js';
import type { PollSettings, ShownPoll } from './polls.types.js';

const SECRET_BYTES = 32;
/** More help nobody. */
const UNKNOWN_SHOWN = 10;

/** Makes polls. */
@Injectable()
export class PollMaking {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly making: PollMakingRepository,
    private readonly polls: PollRepository,
    private readonly members: MembersService,
    private readonly shown: PollsService,
    private readonly audit: Audit,
  ) {}

  /**
   * A new poll: a draft until its opensAt. The seed that decides lots is drawn now and committed to by its hash, so
   * that nobody can choose it once there are votes.
   *
   * @throws requestInvalid, secretFinal, pollInvalid
   */
  make(actor: Actor, settings: PollSettings, request: IdempotencyRequest, answer: (shown: ShownPoll) => Answer): Promise<Answer> {
    return this.idempotency.run(request, (tx) => this.insert(tx, actor, settings), answer);
  }

  /** @throws requestInvalid, secretFinal; pollInvalid when somebody on the list is no member */
  async check(reader: Reader, settings: PollSettings): Promise<void> {
    checkSettings(settings);
    const unknown = await this.members.unknownAmong(reader, settings.memberIds ?? []);
    if (unknown.length > 0) throw pollInvalid({ path: 'memberIds', reason: `no members: ${unknown.slice(0, UNKNOWN_SHOWN).join(', ')}${unknown.length > UNKNOWN_SHOWN ? ', …' : ''}` });
  }

  private async insert(tx: Tx, actor: Actor, settings: PollSettings): Promise<ShownPoll> {
    checkTimes(settings, await this.making.now(tx));
    await this.check(tx, settings);
    const [id, seed, voterSecret] = [newId(), randomBytes(SECRET_BYTES).toString('hex'), randomBytes(SECRET_BYTES)];
    const seedCommitment = sha256(seed);
    await this.making.insert(tx, { id, createdBy: actor.memberId, seed, seedCommitment, voterSecret, genesis: genesisHash(id, seedCommitment) }, settings);
    const shown = await this.shown.showWhole(tx, actor, (await this.polls.find(tx, id))!);
    await this.audit.record(tx, { actorId: actor.memberId, action: 'poll.created', subjectType: 'poll', subjectId: id, details: { title: settings.title } });
    return shown;
  }
}
