import { Injectable } from '@nestjs/common';
import type { Dataset } from './dataset.js';

/** The registry of exportable datasets: features add theirs at start, exports reads it. */
@Injectable()
export class Datasets {
  private readonly byName = new Map<string, Dataset>();

  /** @throws Error when the name is taken: two features cannot own one name */
  register(dataset: Dataset): void {
    if (this.byName.has(dataset.name)) throw new Error(`dataset ${dataset.name} is registered twice`);
    this.byName.set(dataset.name, dataset);
  }

  find(name: string): Dataset | undefined {
    return this.byName.get(name);
  }

  /** All datasets in the order of their names. */
  list(): Dataset[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
