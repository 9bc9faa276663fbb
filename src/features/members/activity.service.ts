import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Transactions } from '../../platform/database/transactions.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { MemberRepository } from './member.repository.js';

const IDS_PER_STATEMENT = 500;

/** Collects who is active and writes it down now and then: being seen must not cost a write per request. */
@Injectable()
export class Activity implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Activity.name);
  private members = new Set<string>();
  private tokens = new Set<string>();

  constructor(
    private readonly transactions: Transactions,
    private readonly memberRepository: MemberRepository,
    private readonly apiTokenRepository: ApiTokenRepository,
  ) {}

  memberSeen(memberId: string): void {
    this.members.add(memberId);
  }

  tokenSeen(apiTokenId: string, memberId: string): void {
    this.tokens.add(apiTokenId);
    this.members.add(memberId);
  }

  async write(): Promise<void> {
    // In the order of the ids, so that two processes writing the same rows do not deadlock.
    const members = [...this.members].sort();
    const tokens = [...this.tokens].sort();
    this.members = new Set();
    this.tokens = new Set();
    try {
      await inParts(members, (ids) => this.transactions.run((tx) => this.memberRepository.updateLastActive(tx, ids)));
      await inParts(tokens, (ids) => this.transactions.run((tx) => this.apiTokenRepository.updateLastUsed(tx, ids)));
    } catch (error) {
      // A hint, not a record: what could not be written is seen again with the next request.
      this.logger.warn(error, 'could not note who was active');
    }
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.write();
  }
}

async function inParts(ids: readonly string[], write: (part: readonly string[]) => Promise<void>): Promise<void> {
  for (let first = 0; first < ids.length; first += IDS_PER_STATEMENT) await write(ids.slice(first, first + IDS_PER_STATEMENT));
}
