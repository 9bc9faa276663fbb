import { Injectable, Logger } from '@nestjs/common';
import { unstored } from '../../../platform/database/group-commit.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { ConversationRepository } from '../conversations/conversation.repository.js';
import { keyOfPart } from '../conversations/membership.repository.js';
import { ReceiptBoard } from '../live/receipt-board.service.js';
import { ReadingRepository } from './reading.repository.js';
import type { PartMark, ReadMark } from './reading.types.js';
import { bySameMark, isBeyond, newest, refusalOf } from './receipt.rules.js';

/** Stores receipts that come at the same time: one transaction, and of each member the newest. */
@Injectable()
export class ReceiptStore {
  private readonly logger = new Logger(ReceiptStore.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly reading: ReadingRepository,
    private readonly conversations: ConversationRepository,
    private readonly board: ReceiptBoard,
  ) {}

  /** What became of each receipt, in their order: where its member has come to, or why it counts for nothing. */
  async store(receipts: readonly PartMark[]): Promise<(ReadMark | Error)[]> {
    try {
      const { outcomes, moved } = await this.transactions.run((tx) => this.batch(tx, receipts), { noticesNesting: false });
      this.board.post(moved);
      return outcomes;
    } catch (error) {
      if (!(error instanceof DomainError)) this.logger.error(error, `a batch of ${receipts.length} receipts failed`);
      return receipts.map(() => unstored(error));
    }
  }

  private async batch(tx: Tx, receipts: readonly PartMark[]): Promise<{ outcomes: (ReadMark | Error)[]; moved: PartMark[] }> {
    const parts = [...new Map(receipts.map((receipt) => [keyOfPart(receipt), receipt])).values()];
    const stored = new Map((await this.reading.listMarks(tx, parts)).map((mark) => [keyOfPart(mark), mark]));
    const heads = new Map((await this.conversations.listHeads(tx, [...new Set(parts.map(({ conversationId }) => conversationId))])).map((head) => [head.conversationId, head.seq]));
    const marks = new Map<string, PartMark>();
    const refusals = receipts.map((receipt) => {
      const key = keyOfPart(receipt);
      const refusal = refusalOf(receipt, stored.get(key), heads.get(receipt.conversationId));
      if (refusal === undefined) marks.set(key, newest(marks.get(key) ?? markOf(stored.get(key)!), receipt));
      return refusal;
    });
    const moved = [...marks].filter(([key, mark]) => isBeyond(mark, stored.get(key)!)).map(([, mark]) => mark);
    // Where only delivery went on, reading stays, wherever it is: those are moved together.
    await this.write(tx, moved.map((mark) => (mark.readSeq > stored.get(keyOfPart(mark))!.readSeq ? mark : { ...mark, readSeq: 0 })));
    return { moved, outcomes: receipts.map((receipt, i) => refusals[i] ?? marksOnly(marks.get(keyOfPart(receipt))!)) };
  }

  private async write(tx: Tx, moved: readonly PartMark[]): Promise<void> {
    const groups = bySameMark(moved);
    const places = new Map(groups.filter(({ readSeq }) => readSeq > 0).map(({ conversationId, readSeq }) => [placeOf(conversationId, readSeq), { conversationId, seq: readSeq }]));
    const numbers = new Map((await this.reading.listLastMessages(tx, [...places.values()])).map(({ conversationId, seq, no }) => [placeOf(conversationId, seq), no]));
    for (const group of groups) await this.reading.advance(tx, group, numbers.get(placeOf(group.conversationId, group.readSeq)) ?? 0);
  }
}

const placeOf = (conversationId: string, seq: number): string => `${conversationId}|${seq}`;

const marksOnly = ({ readSeq, deliveredSeq }: ReadMark): ReadMark => ({ readSeq, deliveredSeq });

const markOf = ({ conversationId, memberId, readSeq, deliveredSeq }: PartMark): PartMark => ({ conversationId, memberId, readSeq, deliveredSeq });
