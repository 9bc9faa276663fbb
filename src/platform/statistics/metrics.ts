import { Injectable } from '@nestjs/common';
import type { Metric } from './metric.js';

/** The registry of metrics: features add theirs at start, statistics reads it. */
@Injectable()
export class Metrics {
  private readonly byName = new Map<string, Metric>();

  /** @throws Error when a name is taken: two features cannot own one name */
  register(...metrics: readonly Metric[]): void {
    for (const metric of metrics) {
      if (this.byName.has(metric.name)) throw new Error(`metric ${metric.name} is registered twice`);
      this.byName.set(metric.name, metric);
    }
  }

  find(name: string): Metric | undefined {
    return this.byName.get(name);
  }

  /** All metrics in the order of their names. */
  list(): Metric[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
