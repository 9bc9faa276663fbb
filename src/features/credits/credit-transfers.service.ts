import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/transactions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { AccountRepository, type NewEntry } from './account.repository.js';
import { AccountTouch } from './account-touch.service.js';
import { CreditMovements } from './credit-movements.service.js';
import { selfTransfer } from './credits.errors.js';
import { requirePositive, type TransferReceipt } from './credits.rules.js';
import type { CreditAccount } from './entities/credit-account.js';
import type { CreditEntry } from './entities/credit-entry.js';

/** Credits from one member to another: two movements that succeed together. */
@Injectable()
export class CreditTransfers {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly touch: AccountTouch,
    private readonly movements: CreditMovements,
  ) {}

  /** See {@link CreditsService.transfer}. */
  async transfer(tx: Tx, fromMemberId: string, toMemberId: string, amount: number): Promise<TransferReceipt> {
    requirePositive(amount);
    if (fromMemberId === toMemberId) throw selfTransfer();
    const accounts = await this.accounts.listByMembers(tx, [fromMemberId, toMemberId]);
    const sender = accounts.find(({ ownerId }) => ownerId === fromMemberId);
    const receiver = accounts.find(({ ownerId }) => ownerId === toMemberId);
    if (sender === undefined || receiver === undefined) throw notFound();
    await this.touch.settleAll(tx, accounts);
    const sides = new Map<string, NewEntry>([
      [sender.id, side(-amount, receiver, fromMemberId)],
      [receiver.id, side(amount, sender, fromMemberId)],
    ]);
    // In the order of the ids, so that two members who pay each other do not wait for each other.
    const moved = new Map<string, CreditEntry>();
    for (const { id } of accounts) moved.set(id, await this.movements.move(tx, id, sides.get(id)!, 'transfer'));
    const { posted, held } = await this.accounts.get(tx, sender.id);
    return { seq: moved.get(sender.id)!.seq, amount, toMemberId, available: posted - held };
  }
}

function side(amount: number, other: CreditAccount, actorId: string): NewEntry {
  return { kind: 'transfer', amount, counter: `account:${other.id}`, actorId, refType: 'member', refId: other.ownerId };
}
