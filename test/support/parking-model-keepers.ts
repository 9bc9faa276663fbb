import { setTimeout as sleep } from 'node:timers/promises';
import type { ParkingTown } from './parking-model-town.js';
import type { PlazaProcess } from './process.js';

/** So long a process lives, unless it comes to its fault point. */
const LIVES_MS = [3_000, 7_000] as const;
const MOST_VISITS = 3;

/** Starts a process, kills it, and starts it again, until it is let live. */
export class Keeper {
  /** Undefined while it is dead. */
  url: string | undefined;
  /** At which points it died; `anywhere` where its time was up first. */
  readonly deaths: string[] = [];
  private process: PlazaProcess | undefined;

  constructor(
    private readonly town: ParkingTown,
    private readonly chance: () => number,
    /** Where it may die next. */
    private readonly nextPoint: () => string,
  ) {}

  async start(fault?: string): Promise<PlazaProcess> {
    const process = await this.town.start(fault);
    [this.process, this.url] = [process, process.url];
    void process.stopped.then(() => {
      if (this.process === process) this.url = undefined;
    });
    return process;
  }

  /** At the end it lives, with no fault point. */
  async run(isOver: () => boolean): Promise<void> {
    for (let point: string | undefined; ; ) {
      this.deaths.push((await this.diesByItself()) && point !== undefined ? point : 'anywhere');
      if (isOver()) break;
      point = this.nextPoint();
      await this.start(`${point}@${1 + Math.floor(this.chance() * MOST_VISITS)}`);
    }
    await this.start();
  }

  /** @returns false when it has to be killed, its time being up */
  private async diesByItself(): Promise<boolean> {
    const process = this.process!;
    const [least, most] = LIVES_MS;
    const patience = new AbortController();
    const isUp = sleep(least + this.chance() * (most - least), false, { signal: patience.signal }).catch(() => true);
    const isDead = await Promise.race([process.stopped.then(() => true), isUp]);
    patience.abort();
    process.kill('SIGKILL');
    await process.stopped;
    return isDead;
  }
}
