import { Logger } from '@nestjs/common';

/**
 * Work that a schedule starts again and again: one run at a time in this process, and none left when it
 * stops. A run that fails is logged; the next one does what it left.
 */
export class InterruptibleTask {
  private readonly logger: Logger;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  /**
   * @param name for the log
   * @param work throws `signal.reason` at the next place where it can be left off
   */
  constructor(
    private readonly name: string,
    private readonly work: (signal: AbortSignal) => Promise<unknown>,
  ) {
    this.logger = new Logger(name);
  }

  /** Starts a run, or joins the one at work. Never rejects; does nothing once stopped. */
  run(): Promise<void> {
    this.running ??= this.once().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** Called before connections are closed: waits until the run at work has left off. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error(`${this.name} was stopped`));
    await this.running;
  }

  private async once(): Promise<void> {
    const { signal } = this.stopping;
    if (signal.aborted) return;
    try {
      await this.work(signal);
    } catch (error) {
      if (error !== signal.reason) this.logger.error(error, `${this.name} failed; the next run tries again`);
    }
  }
}
