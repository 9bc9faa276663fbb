import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/transactions.js';
import { Realtime } from '../../platform/realtime/realtime.js';
import { CreditsPolicy } from './credits.policy.js';
import { fellTo } from './credits.rules.js';
import type { CreditAccount } from './entities/credit-account.js';

export type ChangeCause =
  | 'accrual' | 'hold' | 'capture' | 'release' | 'lapse' | 'spend' | 'purchase' | 'transfer' | 'adjustment' | 'refund' | 'reversal';

/** `credits.changed`: the account after a change. A gap in `version` tells a client to read it again. */
export interface CreditsChanged {
  readonly version: number;
  readonly seq: number;
  readonly posted: number;
  readonly held: number;
  readonly available: number;
  readonly cause: ChangeCause;
}

/** `credits.low`: sent once on the way down, not on every spend below the mark. */
export interface CreditsLow {
  readonly available: number;
  readonly lowAt: number;
}

/** Tells members about their own accounts. API tokens have nobody listening. */
@Injectable()
export class CreditsEvents {
  constructor(
    private readonly realtime: Realtime,
    private readonly policy: CreditsPolicy,
  ) {}

  /**
   * Announces a change once it is committed.
   *
   * @param account as the change left it
   * @param gained what the change did to the available balance, signed
   */
  changed(tx: Tx, account: CreditAccount, cause: ChangeCause, gained: number): void {
    if (account.ownerKind !== 'member') return;
    tx.afterCommit(() => {
      this.tell(account, cause);
      const available = account.posted - account.held;
      const { lowAt } = this.policy;
      if (!fellTo(lowAt, available - gained, available)) return;
      const low: CreditsLow = { available, lowAt };
      this.realtime.toMember(account.ownerId, 'credits.low', low);
    });
  }

  /** Sends an account as it stands, outside any transaction. */
  tell({ ownerId, version, seq, posted, held }: CreditAccount, cause: ChangeCause): void {
    const changed: CreditsChanged = { version, seq, posted, held, available: posted - held, cause };
    this.realtime.toMember(ownerId, 'credits.changed', changed);
  }

  /** Members who listen in this process. */
  listeners(): string[] {
    return this.realtime.connectedMembers();
  }
}
