import { Injectable } from '@nestjs/common';
import type { Dataset } from './dataset.js';

/** The registry of exportable datasets: features add theirs at start, exports reads it. */
@Injectable()
export class Datasets {
  private readonly byName = new Map<string, Dataset>();
  private readonly reserved = new Set<string>();

  /** @throws Error when the name is taken: two features cannot own one name */
  register(dataset: Dataset): void {
    if (this.byName.has(dataset.name)) throw new Error(`dataset ${dataset.name} is registered twice`);
    if (this.reserved.has(dataset.name)) throw new Error(`no dataset can be called ${dataset.name}: the name is reserved`);
    this.byName.set(dataset.name, dataset);
  }

  /** Keeps a name from datasets, since it means something else to who reads them. @throws Error when a dataset has it */
  reserve(name: string): void {
    if (this.byName.has(name)) throw new Error(`dataset ${name} cannot be called that: the name is reserved`);
    this.reserved.add(name);
  }

  find(name: string): Dataset | undefined {
    return this.byName.get(name);
  }

  /** All datasets in the order of their names. */
  list(): Dataset[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
