import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '../database/database.js';

export interface DatabaseCheck {
  reachable: boolean;
  latencyMs: number;
}

/** Whether this process can serve. Migrations need no check of their own: a process does not start without them. */
@Injectable()
export class Health implements OnModuleDestroy {
  private stopping = false;

  constructor(private readonly database: Database) {}

  /** True from the moment the process is told to stop: balancers take it out while it finishes. */
  get draining(): boolean {
    return this.stopping;
  }

  onModuleDestroy(): void {
    this.stopping = true;
  }

  async checkDatabase(): Promise<DatabaseCheck> {
    const started = performance.now();
    const reachable = await this.database.rows('SELECT 1').then(
      () => true,
      () => false,
    );
    return { reachable, latencyMs: Math.round(performance.now() - started) };
  }
}
