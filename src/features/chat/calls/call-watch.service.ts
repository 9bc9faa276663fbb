import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CallDevices } from './call-devices.service.js';
import { Calls } from './calls.service.js';

const LOOK_EVERY_MS = 2_000;
/** A third of the time after which a participant of whom nothing is heard is out. */
const MARK_EVERY_MS = 20_000;

/** Keeps the places of those who are there, and tells what time does to calls. Any number of processes may do it at once. */
@Injectable()
export class CallWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(CallWatch.name);
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private markedAt = performance.now();
  /** The last look: the database was away, and nobody seen. */
  private hasFailed = false;

  constructor(
    private readonly devices: CallDevices,
    private readonly calls: Calls,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** Joins the look that is on, if there is one. */
  look(): Promise<void> {
    this.looking ??= this.once().finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async once(): Promise<void> {
    try {
      // First: after the database was away, nobody has been seen for a while.
      if (performance.now() - this.markedAt >= MARK_EVERY_MS) {
        await this.devices.markSeen();
        this.markedAt = performance.now();
      }
      // The others are only now marking theirs, too.
      if (!this.hasFailed) await this.calls.settleDue();
      this.hasFailed = false;
    } catch (error) {
      this.hasFailed = true;
      // Whatever it failed of, all are marked next.
      this.markedAt = -Infinity;
      this.logger.warn(error, 'could not look after calls');
    }
  }
}
