import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/auth/actor.js';
import type { PermissionSet } from '../../platform/auth/permission-set.js';
import type { Dataset } from '../../platform/datasets/dataset.js';
import { Datasets } from '../../platform/datasets/datasets.js';
import { EVERYTHING, type ExportOrder, type ExportSource } from './exports.types.js';

/** What can be ordered: the datasets that features registered, and `everything`, the copy of all that a member owns. */
@Injectable()
export class ExportSources {
  private readonly everything: ExportSource = {
    name: EVERYTHING,
    columns: [],
    filters: [],
    mayRead: (permissions) => this.personal(permissions).length > 0,
  };

  constructor(private readonly datasets: Datasets) {
    datasets.reserve(EVERYTHING);
  }

  find(name: string): ExportSource | undefined {
    return name === EVERYTHING ? this.everything : this.datasets.find(name);
  }

  /** What someone with these permissions may order, by name. */
  list(permissions: PermissionSet): ExportSource[] {
    const known: ExportSource[] = [...this.datasets.list(), this.everything];
    return known.filter((source) => source.mayRead(permissions)).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The datasets that an export is made of: for everything, all personal ones that its orderer might read. Empty when this version has none such. */
  datasetsOf({ source, permissions }: ExportOrder): Dataset[] {
    return source === EVERYTHING ? this.personal(permissions) : [this.datasets.find(source)].filter((dataset) => dataset !== undefined);
  }

  /**
   * Whether the caller may read all that is in the file of an export of theirs. An API token goes by its own
   * permissions to the row; a person keeps what they paid for, also when an entitlement has ended since.
   */
  mayHave(order: ExportOrder, { permissions, apiTokenId }: Actor): boolean {
    return this.datasetsOf(order).every(
      (dataset) => dataset.mayRead(permissions) && (apiTokenId === undefined || (dataset.mayReadAllOf?.(order, permissions) ?? true)),
    );
  }

  private personal(permissions: PermissionSet): Dataset[] {
    return this.datasets.list().filter((dataset) => dataset.personal && dataset.mayRead(permissions));
  }
}
