import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '../../../platform/database/database.js';
import type { Reader } from '../../../platform/database/transactions.js';
import { PollAccess } from '../poll-access.service.js';
import { PollElectorate } from '../poll-electorate.service.js';
import type { Poll } from '../poll.types.js';
import { resultsHidden } from '../voting.errors.js';
import { HeldPoll } from './held-poll.js';
import { PollTallyRepository } from './poll-tally.repository.js';
import { freshMs, resultOf } from './results.rules.js';
import type { PollResult } from './results.types.js';

const HELD_POLLS = 1_000;
/** What nobody has asked for in so long is let go: it may be large. */
const HELD_MS = 60_000;

/** What polls come to. Who may see it is for the caller to ask: `PollAccess`. */
@Injectable()
export class PollResults {
  private readonly held = new LRUCache<string, HeldPoll>({ max: HELD_POLLS, ttl: HELD_MS, ttlAutopurge: true });
  private readonly reading = new Map<string, Promise<HeldPoll | undefined>>();
  /** Polls in which votes were stored while they were read. */
  private readonly outdated = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly access: PollAccess,
    private readonly tallies: PollTallyRepository,
    private readonly electorate: PollElectorate,
  ) {}

  /**
   * Counts anew; of a certified poll it is what was certified. All of it is as of one moment, of which it has the version.
   *
   * @throws resultsHidden for a poll that was cancelled, be it since somebody was let in
   */
  async count(reader: Reader, poll: Poll): Promise<PollResult> {
    const tally = await this.tallies.get(reader, poll.id);
    if (tally.ended === 'cancelled') throw resultsHidden();
    const certified = tally.ended === 'certified' ? await this.tallies.findCertified(reader, poll.id) : undefined;
    if (certified !== undefined) return certified;
    const eligible = poll.quorum?.percent === undefined ? null : await this.electorate.size(reader, poll, tally.electorateSize);
    return resultOf(poll, tally, eligible);
  }

  /** As of at most a second ago, and no older than this poll. */
  async current(poll: Poll, windowSeconds?: number): Promise<PollResult> {
    const known = this.held.get(poll.id);
    const held = known !== undefined && known.version >= poll.version && known.isFresh(performance.now()) ? known : await this.renew(poll.id, poll.version);
    return this.resultOf(held ?? new HeldPoll(poll, 0, 0, undefined), windowSeconds);
  }

  /**
   * A poll as of at most a second ago, which all who ask share: however many they are, it is read once a second.
   *
   * @param version one that the caller says to have seen, maybe in another process: what is older is out of date. It is
   *   their word, so it is not believed more often than votes are
   */
  hold(pollId: string, version = 0): HeldPoll | Promise<HeldPoll | undefined> {
    const held = this.held.get(pollId);
    if (held !== undefined && held.version < version) held.outdate();
    return held?.isFresh(performance.now()) === true ? held : this.renew(pollId, version);
  }

  /** For whoever has stored votes in this process: who asks from now on sees them, unless that happens too often. */
  outdate(pollId: string): void {
    this.held.get(pollId)?.outdate();
    if (this.reading.has(pollId)) this.outdated.add(pollId);
  }

  /** For whoever has changed a poll in this process, and wants to see that at once. */
  forget(pollId: string): void {
    this.held.delete(pollId);
    this.reading.delete(pollId);
  }

  /** What a held poll came to, counted once. */
  async resultOf(held: HeldPoll, windowSeconds?: number): Promise<PollResult> {
    const result = await held.counted(() => this.countHeld(held));
    if (windowSeconds === undefined) return result;
    const { votes } = await this.tallies.recent(this.database, held.poll.id, windowSeconds);
    return { ...result, votesInWindow: votes };
  }

  private async renew(pollId: string, version: number): Promise<HeldPoll | undefined> {
    const held = await this.read(pollId);
    // What others were reading already may have begun before that version was there.
    return held !== undefined && held.version < version ? this.read(pollId) : held;
  }

  private read(pollId: string): Promise<HeldPoll | undefined> {
    const known = this.reading.get(pollId);
    if (known !== undefined) return known;
    const reading: Promise<HeldPoll | undefined> = this.readAnew(pollId)
      .then((held) => {
        // Else it was forgotten meanwhile, and what was read may be from before.
        if (held !== undefined && this.reading.get(pollId) === reading) {
          this.held.set(pollId, held);
          if (this.outdated.delete(pollId)) held.outdate();
        }
        return held;
      })
      .finally(() => {
        if (this.reading.get(pollId) === reading) this.reading.delete(pollId);
      });
    this.reading.set(pollId, reading);
    return reading;
  }

  private async readAnew(pollId: string): Promise<HeldPoll | undefined> {
    const started = performance.now();
    const poll = await this.access.find(pollId);
    return poll && new HeldPoll(poll, started, freshMs(poll), this.held.get(pollId));
  }

  /** Counted anew only when the version has moved; the last ten minutes move on by themselves. */
  private async countHeld(held: HeldPoll): Promise<PollResult> {
    const started = performance.now();
    const { last, poll } = held;
    if (last === undefined || last.version < poll.version) {
      held.last = await this.count(this.database, poll);
      held.tookMs = performance.now() - started;
    } else if (poll.ended !== 'certified') {
      const { votes, at } = await this.tallies.recent(this.database, poll.id);
      held.last = { ...last, votesLast10Minutes: votes, asOf: at.toISOString() };
    }
    this.held.get(poll.id)?.learn(held.last!);
    return held.last!;
  }
}
