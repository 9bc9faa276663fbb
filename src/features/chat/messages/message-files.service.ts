import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { FileContents, type ServedFile, type VariantKind } from '../../uploads/index.js';
import { MessageReaders } from '../moderation/message-readers.service.js';
import { MessageFileRepository } from './message-file.repository.js';

/** The files of messages, for those who may read these. */
@Injectable()
export class MessageFiles {
  constructor(
    private readonly attached: MessageFileRepository,
    private readonly readers: MessageReaders,
    private readonly files: FileContents,
  ) {}

  /**
   * @throws notFound for who may not read the message, once that is deleted, and for a variant that the file has not
   * @throws chatBanned; fileDeleted when its owner has deleted the file
   */
  async open(actor: Actor, messageId: string, fileId: string, variant?: VariantKind): Promise<ServedFile> {
    const conversationId = await this.attached.findConversation(messageId, fileId);
    if (conversationId === undefined) throw notFound();
    await this.readers.check(actor, { messageId, conversationId });
    return this.files.any(fileId, variant);
  }
}
