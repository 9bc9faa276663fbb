import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Transactions } from '../../platform/database/transactions.js';
import { hourOf } from '../../platform/statistics/hour.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { MemberActivityRepository } from './member-activity.repository.js';
import { MemberRepository } from './member.repository.js';

const IDS_PER_STATEMENT = 500;
/** Hours are counted minutes after they end; a community that slept is given a month to count its last ones. */
const KEPT_MS = 31 * 86_400_000;

/** Collects who is active and writes it down now and then: being seen must not cost a write per request. */
@Injectable()
export class Activity implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Activity.name);
  private members = new Set<string>();
  private tokens = new Set<string>();
  /** By the beginning of the hour: who was active in it and is not written down yet. */
  private present = new Map<number, Set<string>>();
  /** The hour that is going on, and everybody seen in it by this process. */
  private hour = 0;
  private readonly seenThisHour = new Set<string>();
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly memberRepository: MemberRepository,
    private readonly memberActivityRepository: MemberActivityRepository,
    private readonly apiTokenRepository: ApiTokenRepository,
  ) {}

  memberSeen(memberId: string): void {
    this.members.add(memberId);
    this.noteHour(memberId);
  }

  tokenSeen(apiTokenId: string, memberId: string): void {
    this.tokens.add(apiTokenId);
    this.memberSeen(memberId);
  }

  /** One after the other: who stops must wait for a writing that is under way as well. */
  write(): Promise<void> {
    this.writing = this.writing.then(() => this.writeAll());
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    // In the order of the ids, so that two processes writing the same rows do not deadlock.
    const members = [...this.members].sort();
    const tokens = [...this.tokens].sort();
    this.members = new Set();
    this.tokens = new Set();
    await this.writeHours();
    try {
      await inParts(members, (ids) => this.transactions.run((tx) => this.memberRepository.updateLastActive(tx, ids)));
      await inParts(tokens, (ids) => this.transactions.run((tx) => this.apiTokenRepository.updateLastUsed(tx, ids)));
    } catch (error) {
      // A hint, not a record: what could not be written is seen again with the next request.
      this.logger.warn(error, 'could not note who was active');
    }
  }

  /** Who was active when is nobody's business once it is counted. */
  async forget(): Promise<void> {
    const before = hourOf(new Date(this.clock.now().getTime() - KEPT_MS));
    await this.transactions.runInParts((tx, limit) => this.memberActivityRepository.deleteBefore(tx, before, limit));
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.write();
  }

  private noteHour(memberId: string): void {
    const hour = hourOf(this.clock.now()).getTime();
    if (hour !== this.hour) {
      this.hour = hour;
      this.seenThisHour.clear();
    }
    if (this.seenThisHour.has(memberId)) return;
    this.seenThisHour.add(memberId);
    this.keep(hour, [memberId]);
  }

  private async writeHours(): Promise<void> {
    const present = this.present;
    this.present = new Map();
    for (const [hour, ids] of present) {
      try {
        await inParts([...ids].sort(), (part) => this.transactions.run((tx) => this.memberActivityRepository.insert(tx, new Date(hour), part)));
      } catch (error) {
        // Each is seen once an hour only, so it waits for the next writing.
        this.keep(hour, ids);
        this.logger.warn(error, 'could not note who was active in an hour yet');
      }
    }
  }

  private keep(hour: number, ids: Iterable<string>): void {
    const kept = this.present.get(hour) ?? new Set();
    for (const id of ids) kept.add(id);
    this.present.set(hour, kept);
  }
}

async function inParts(ids: readonly string[], write: (part: readonly string[]) => Promise<void>): Promise<void> {
  for (let first = 0; first < ids.length; first += IDS_PER_STATEMENT) await write(ids.slice(first, first + IDS_PER_STATEMENT));
}
