import { Injectable } from '@nestjs/common';
import { newId } from '../../../platform/database/columns.js';
import type { Tx } from '../../../platform/database/transactions.js';
import type { Meme } from '../entities/meme.js';
import { MemeChanges } from '../meme-changes.service.js';
import { MemeRepository } from '../meme.repository.js';
import { renderPath } from '../rendering/render-text.rules.js';
import type { AiDraft } from './ai-drafts.service.js';

/** Keeps what was written on order, as a meme of kind `ai`. */
@Injectable()
export class AiMemeStore {
  constructor(
    private readonly changes: MemeChanges,
    private readonly memes: MemeRepository,
  ) {}

  async insert(tx: Tx, memberId: string, { generatedBy: _, ...draft }: AiDraft): Promise<Meme> {
    const { template, upper, lower } = draft;
    const id = newId();
    await this.memes.insert(tx, await this.changes.number(tx), {
      ...draft,
      id,
      imageUrl: renderPath({ template, upper, lower, ext: 'webp' }),
      kind: 'ai',
      createdBy: memberId,
      tags: [],
      language: null,
      fileId: null,
      pictureHash: null,
    });
    return this.memes.get(tx, id);
  }
}
