import { Injectable, Logger } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { newId } from '../../../platform/database/columns.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Answer } from '../../../platform/http/answer.js';
import { Idempotency, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { CreditsService, holdClosed } from '../../credits/index.js';
import { AiMemeDto } from '../dto/ai-meme.dto.js';
import { aiFailed } from '../memes.errors.js';
import { AiDrafts } from './ai-drafts.service.js';
import { AiMemeStore } from './ai-meme-store.service.js';
import { faultPoint } from './ai-memes.faults.js';

/** What a meme costs its member. */
const CREDITS = 1;
/** Longer than writing may take. After a crash the credit is free again when it is over. */
const HOLD_SECONDS = 60;

/**
 * Memes written on order. The credit is set aside before anything is written, taken in the transaction that
 * stores the meme, and given back when there is none. Who hangs up has ordered all the same: the meme is made.
 */
@Injectable()
export class AiMemes {
  private readonly logger = new Logger(AiMemes.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly idempotency: Idempotency,
    private readonly credits: CreditsService,
    private readonly drafts: AiDrafts,
    private readonly store: AiMemeStore,
  ) {}

  /**
   * @throws insufficientCredits before anything is written; aiFailed; idempotencyInProgress; idempotencyKeyReused
   */
  async order(actor: Actor, prompt: string, request: IdempotencyRequest): Promise<Answer> {
    let holdId: string | undefined;
    let stored = false;
    try {
      return await this.idempotency.runPrepared(
        request,
        async () => {
          holdId = await this.hold(actor.memberId);
          faultPoint('memes.ai-held');
          const draft = await this.drafts.write(prompt);
          faultPoint('memes.ai-written');
          return { holdId, draft };
        },
        async (tx, { holdId: paid, draft }) => {
          await this.credits.capture(tx, paid, { actorId: actor.memberId });
          tx.afterCommit(() => {
            faultPoint('memes.ai-stored');
            stored = true;
          });
          return { meme: await this.store.insert(tx, actor.memberId, draft), generatedBy: draft.generatedBy };
        },
        ({ meme, generatedBy }) => new Answer(201, AiMemeDto.fromGenerated(meme, generatedBy), { Location: `/api/memes/${meme.id}` }),
      );
    } catch (error) {
      // Written too late: the credit was free again, and may be spent by now.
      throw holdClosed.matches(error) ? aiFailed() : error;
    } finally {
      // Also where a twin in another process was first, and its meme is the answer.
      if (holdId !== undefined && !stored) await this.release(holdId);
    }
  }

  private async hold(memberId: string): Promise<string> {
    const { id } = await this.transactions.run((tx) =>
      this.credits.hold(tx, { kind: 'member', id: memberId }, { amount: CREDITS, holdSeconds: HOLD_SECONDS, refType: 'meme_ai', refId: newId() }),
    );
    return id;
  }

  /** What cannot be released lapses by itself, and how the order ended is what matters to whoever waits. */
  private async release(holdId: string): Promise<void> {
    try {
      await this.transactions.run((tx) => this.credits.release(tx, holdId));
    } catch (error) {
      if (!holdClosed.matches(error)) this.logger.warn(error, 'a credit could not be given back and stays set aside until its hold lapses');
    }
  }
}
