import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { FileContents, fileNotReady } from '../../uploads/index.js';
import { attachmentNotReady } from '../chat.errors.js';
import { checkContent, contentHash, mentionsIn } from '../chat.rules.js';
import type { MessageFile } from '../chat.types.js';
import type { MessageDraft, Sent } from './messages.types.js';
import { SendAllowance } from './send-allowance.service.js';
import { SendIntake } from './send-intake.service.js';

/** Sends messages, for every door. */
@Injectable()
export class Sending {
  constructor(
    private readonly intake: SendIntake,
    private readonly allowance: SendAllowance,
    private readonly files: FileContents,
  ) {}

  /**
   * Answers when the message is durable. Sent again under its clientId it is the same message.
   *
   * @throws rateLimited, chatEmpty, chatTooLong
   * @throws notFound for who is not in the conversation; also for a file, or a message that is answered, that is not there
   * @throws attachmentNotReady, clientIdReused, chatBanned, chatMuted, chatBlocked, chatArchived, slowMode, serverBusy
   */
  async send(senderId: string, conversationId: string, draft: MessageDraft): Promise<Sent> {
    this.allowance.use(senderId);
    const content = { text: draft.text ?? null, fileIds: draft.fileIds ?? [], replyTo: draft.replyTo ?? null, threadRoot: draft.threadRoot ?? null };
    checkContent(content);
    const { text, fileIds, replyTo, threadRoot } = content;
    const { files, refusal } = await this.attached(senderId, fileIds);
    const send = { conversationId, senderId, clientId: draft.clientId, text, files, replyTo, threadRoot, mentions: mentionsIn(text), bodyHash: contentHash(content), refusal };
    return this.intake.send(send);
  }

  /** A file may be gone by the time that its message is sent again, which must not matter any more. */
  private async attached(ownerId: string, fileIds: readonly string[]): Promise<{ files: readonly MessageFile[]; refusal?: Error }> {
    try {
      return { files: await Promise.all(fileIds.map((id) => this.file(ownerId, id))) };
    } catch (error) {
      if (error instanceof DomainError) return { files: [], refusal: error };
      throw error;
    }
  }

  private async file(ownerId: string, id: string): Promise<MessageFile> {
    try {
      const { name, mediaType, bytes, picture } = await this.files.own(ownerId, id);
      return { id, name, mediaType, bytes, width: picture?.width ?? null, height: picture?.height ?? null };
    } catch (error) {
      if (fileNotReady.matches(error)) throw attachmentNotReady({ fileId: id, state: String(error.details['state']) });
      throw error;
    }
  }
}
