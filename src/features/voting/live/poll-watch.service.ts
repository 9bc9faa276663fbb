import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Database } from '../../../platform/database/database.js';
import { requestInvalid } from '../../../platform/errors/house.errors.js';
import { Realtime, type RoomSocket } from '../../../platform/realtime/realtime.js';
import { PollAccess } from '../poll-access.service.js';
import type { Poll, PollState } from '../poll.types.js';
import { PollResults } from '../results/poll-results.service.js';
import type { PollResult } from '../results/results.types.js';
import { resultsHidden } from '../voting.errors.js';
import { PollAudience } from './poll-audience.service.js';
import { PollPulseRepository } from './poll-pulse.repository.js';
import { pollRoom, resultsRoom, watchedIn } from './poll-rooms.rules.js';

/** Counts may be sent 4 times a second. A little more than a quarter of one: on their way some are held up, and others catch up. */
const EVERY_MS = 300;
const MOST_POLLS = 100;
/** No poll has it: what is known by it is out of date. */
const OUTDATED = -1;

/** What those who watch a poll have been told. */
interface Watched {
  version: number;
  state: PollState | undefined;
  /** The newest counts that anybody was shown: nobody is shown older ones. */
  shown?: PollResult;
}

/** What a client learns that begins to watch a poll. */
export interface Subscription {
  readonly pollId: string;
  readonly state: PollState;
  readonly can: { readonly seeResults: boolean };
  /** Where it may be seen. */
  readonly result?: PollResult & { readonly pollId: string };
}

/**
 * Tells sockets how polls stand. Each process looks after the polls that its own sockets watch, all of them with one
 * query: so what other processes and the mere passing of time do is seen in the same way, and nothing has to carry it.
 */
@Injectable()
export class PollWatch implements OnModuleDestroy {
  private readonly logger = new Logger(PollWatch.name);
  private readonly watched = new Map<string, Watched>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isStopped = false;
  private hasComplained = false;

  constructor(
    private readonly database: Database,
    private readonly pulses: PollPulseRepository,
    private readonly access: PollAccess,
    private readonly results: PollResults,
    private readonly audience: PollAudience,
    private readonly realtime: Realtime,
  ) {}

  /** @throws notFound; requestInvalid for a socket that watches 100 polls */
  async subscribe(socket: RoomSocket, actor: Actor, pollId: string): Promise<Subscription> {
    const poll = await this.access.get(actor, pollId);
    const seeResults = await this.access.seesResults(actor, poll);
    const counted = seeResults ? await this.results.current(poll) : undefined;
    // From here on nothing is waited for, so that no news falls between what is answered and what is sent.
    if (!socket.rooms.has(pollRoom(pollId)) && watchedIn(socket.rooms) >= MOST_POLLS) {
      throw requestInvalid({ errors: [{ path: 'pollId', message: `a socket can watch ${MOST_POLLS} polls; unsubscribe from another one first` }] });
    }
    const result = this.enlist(poll, counted);
    void socket.join(pollRoom(pollId));
    if (seeResults) void socket.join(resultsRoom(pollId));
    else void socket.leave(resultsRoom(pollId));
    this.schedule();
    return { pollId, state: poll.state, can: { seeResults }, ...(result && { result: { pollId, ...result } }) };
  }

  unsubscribe(socket: RoomSocket, pollId: string): void {
    void socket.leave(pollRoom(pollId));
    void socket.leave(resultsRoom(pollId));
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  /** Puts a poll on the list. @returns the counts to begin with */
  private enlist({ id, version, state }: Poll, counted: PollResult | undefined): PollResult | undefined {
    const watched: Watched = this.watched.get(id) ?? { version, state };
    this.watched.set(id, watched);
    const result = counted && newest(watched.shown, counted);
    if (result !== undefined) watched.shown = result;
    // Where the others have been told more by now, everybody is told again.
    watched.version = Math.min(watched.version, version);
    if (watched.state !== state) watched.state = undefined;
    return result;
  }

  private schedule(afterMs = EVERY_MS): void {
    if (this.isStopped) return;
    this.timer ??= setTimeout(() => {
      const started = performance.now();
      this.looking = this.look().finally(() => {
        this.timer = undefined;
        // Never more than a fifth of the time, however long it takes: the same thread takes votes.
        if (this.watched.size > 0) this.schedule(Math.max(EVERY_MS, 4 * (performance.now() - started)));
      });
    }, afterMs).unref();
  }

  private async look(): Promise<void> {
    for (const id of this.watched.keys()) if (this.realtime.inRoom(pollRoom(id)).length === 0) this.watched.delete(id);
    if (this.watched.size === 0) return;
    let isWell = true;
    const failed = (error: unknown) => {
      isWell = false;
      this.complain(error);
    };
    const pulses = await this.pulses.list(this.database, [...this.watched.keys()]).catch((error: unknown) => (failed(error), []));
    for (const { id, version, state } of pulses) {
      const watched = this.watched.get(id)!;
      if (version === watched.version && state === watched.state) continue;
      await this.tell(id, watched).catch((error: unknown) => {
        watched.version = OUTDATED;
        failed(error);
      });
    }
    if (isWell) this.hasComplained = false;
  }

  private async tell(pollId: string, watched: Watched): Promise<void> {
    const poll = await this.access.find(pollId);
    if (poll === undefined) return;
    if (poll.state !== watched.state) this.realtime.toRoom(pollRoom(pollId), 'poll.state', { pollId, state: poll.state });
    // Before anything else is waited for: whoever subscribes meanwhile with older news sets it back.
    watched.version = poll.version;
    watched.state = poll.state;
    if (!(await this.audience.settle(poll))) return;
    const result = await this.results.current(poll).catch(unlessHidden);
    // Cancelled meanwhile, or known by now to somebody who subscribed: there is more to tell the next time.
    if (result === undefined || newest(watched.shown, result) !== result) {
      watched.version = OUTDATED;
      return;
    }
    watched.shown = result;
    this.realtime.toRoom(resultsRoom(pollId), 'poll.result', { pollId, ...result });
  }

  private complain(error: unknown): void {
    // Three times a second would be too often: the next word is when it is well again and fails anew.
    if (!this.hasComplained && !this.isStopped) this.logger.warn(error, 'could not look after watched polls');
    this.hasComplained = true;
  }
}

function unlessHidden(error: unknown): undefined {
  if (!resultsHidden.matches(error)) throw error;
}

/** The later counts; of two of the same version the second, whose times are later. */
function newest(one: PollResult | undefined, other: PollResult): PollResult {
  return one !== undefined && one.version > other.version ? one : other;
}
