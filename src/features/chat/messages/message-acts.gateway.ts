import { MessageBody, SubscribeMessage } from '@nestjs/websockets';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { RateLimit } from '../../../platform/http/rate-limit.js';
import { Gateway } from '../../../platform/realtime/acknowledgement.js';
import type { ChatMessage } from '../chat.types.js';
import { DeleteMessageEventDto, EditMessageEventDto, SetReactionEventDto } from '../dto/message-acts.dto.js';
import { MessageDeletion } from './message-deletion.service.js';
import { MessageEditing } from './message-editing.service.js';
import { MessageReactions } from './message-reactions.service.js';

/** Acts on messages, by sockets. */
@Gateway('/chat')
export class MessageActsGateway {
  constructor(
    private readonly editing: MessageEditing,
    private readonly deletion: MessageDeletion,
    private readonly reactions: MessageReactions,
  ) {}

  @SubscribeMessage('message.edit')
  @RequirePermission(Permission.ChatWrite)
  @RateLimit('write')
  async edit(@CurrentActor() { memberId }: Actor, @MessageBody() { messageId, ...edit }: EditMessageEventDto): Promise<{ message: ChatMessage }> {
    return { message: await this.editing.edit(memberId, messageId, edit) };
  }

  @SubscribeMessage('message.delete')
  @RequirePermission(Permission.ChatWrite)
  @RateLimit('write')
  delete(@CurrentActor() actor: Actor, @MessageBody() { messageId }: DeleteMessageEventDto): Promise<void> {
    return this.deletion.delete(actor, messageId);
  }

  @SubscribeMessage('reaction.set')
  @RequirePermission(Permission.ChatWrite)
  @RateLimit('write')
  react(@CurrentActor() { memberId }: Actor, @MessageBody() { messageId, ...reaction }: SetReactionEventDto): Promise<void> {
    return this.reactions.set(memberId, messageId, reaction);
  }
}
