import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Transactions } from '../../platform/database/transactions.js';
import { JobTimings } from '../../platform/jobs/job-timings.js';
import { FileRepository } from './file.repository.js';

/**
 * The files whose bytes come to this process in one go. As long as it lives they do not expire, however slow
 * their senders are; when it is killed they do so soon.
 */
@Injectable()
export class LiveFiles implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(LiveFiles.name);
  /** What is to be done when one of them is under way no more, which is so once its owner deletes it. */
  private readonly ids = new Map<string, () => void>();
  private heart: NodeJS.Timeout | undefined;

  constructor(
    private readonly transactions: Transactions,
    private readonly files: FileRepository,
    private readonly timings: JobTimings,
  ) {}

  onApplicationBootstrap(): void {
    this.heart = setInterval(() => void this.beat(), this.timings.heartbeat).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.heart);
  }

  /** How long a file lives after the last sign of its process. */
  get seconds(): number {
    return Math.ceil(this.timings.lease / 1000);
  }

  /** @param stop called within a heartbeat when the file has been deleted by then */
  add(id: string, stop: () => void = () => undefined): void {
    this.ids.set(id, stop);
  }

  delete(id: string): void {
    this.ids.delete(id);
  }

  /** A beat that fails is made good by the next one. */
  private async beat(): Promise<void> {
    if (this.ids.size === 0) return;
    try {
      const ids = [...this.ids.keys()];
      if ((await this.transactions.run((tx) => this.files.extend(tx, ids, this.seconds))) === ids.length) return;
      const underWay = await this.files.listUnderWay(ids);
      for (const id of ids) if (!underWay.has(id)) this.ids.get(id)?.();
    } catch (error) {
      this.logger.warn(error, 'files under way could not be kept alive');
    }
  }
}
