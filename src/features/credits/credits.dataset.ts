import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { PermissionSet } from '../../platform/auth/permission-set.js';
import { Permission } from '../../platform/auth/permissions.js';
import type { Snapshot } from '../../platform/database/transactions.js';
import type { Dataset, DatasetColumn, DatasetFilter, DatasetRequest, Row } from '../../platform/datasets/dataset.js';
import { Datasets } from '../../platform/datasets/datasets.js';
import { keysetPages } from '../../platform/datasets/keyset-pages.js';
import { AccountRepository } from './account.repository.js';
import { ENTRY_KINDS, type CreditEntry, type EntryKind } from './entities/credit-entry.js';

/** A member's own entries, oldest first. */
@Injectable()
export class CreditsDataset implements Dataset, OnModuleInit {
  readonly name = 'credits';
  readonly personal = true;

  readonly columns: readonly DatasetColumn[] = [
    { name: 'seq', type: 'integer' },
    { name: 'kind', type: 'string' },
    { name: 'amount', type: 'integer' },
    { name: 'balanceBefore', type: 'integer' },
    { name: 'balanceAfter', type: 'integer' },
    { name: 'counter', type: 'string' },
    { name: 'reason', type: 'string' },
    { name: 'refType', type: 'string' },
    { name: 'refId', type: 'string' },
    { name: 'reversesSeq', type: 'integer' },
    { name: 'effectiveAt', type: 'instant' },
    { name: 'createdAt', type: 'instant' },
  ];

  readonly filters: readonly DatasetFilter[] = [
    { name: 'kind', type: 'string', description: 'only entries of this kind', values: ENTRY_KINDS },
  ];

  constructor(
    private readonly datasets: Datasets,
    private readonly accounts: AccountRepository,
  ) {}

  onModuleInit(): void {
    this.datasets.register(this);
  }

  mayRead(permissions: PermissionSet): boolean {
    return permissions.has(Permission.CreditsRead);
  }

  count(snapshot: Snapshot, { memberId, filters }: DatasetRequest): Promise<number> {
    return this.accounts.countEntries(snapshot, memberId, filters.kind as EntryKind | undefined);
  }

  pages(snapshot: Snapshot, { memberId, filters }: DatasetRequest, pageSize: number): AsyncIterable<readonly Row[]> {
    const kind = filters.kind as EntryKind | undefined;
    return keysetPages<CreditEntry, number>({
      pageSize,
      list: (afterSeq = 0) => this.accounts.listEntriesAfter(snapshot, memberId, { afterSeq, limit: pageSize, kind }),
      keyOf: ({ seq }) => seq,
      rowOf,
    });
  }
}

function rowOf({ seq, kind, amount, balanceAfter, counter, reason, refType, refId, reversesSeq, effectiveAt, createdAt }: CreditEntry): Row {
  return {
    seq, kind, amount, balanceBefore: balanceAfter - amount, balanceAfter, counter, reason, refType, refId, reversesSeq, effectiveAt, createdAt,
  };
}
