import { Injectable } from '@nestjs/common';
import webpush from 'web-push';
import { Config } from '../../../platform/config/config.js';
import { Database } from '../../../platform/database/database.js';
import { MembersService } from '../../members/index.js';
import { ConversationRepository } from '../conversations/conversation.repository.js';
import { InboxRepository } from '../conversations/inbox.repository.js';
import { PushOutboxRepository, type ClaimedPush } from './push-outbox.repository.js';
import type { PushRequest } from './push-transport.service.js';
import { payloadText, subjectOf, topicOf, TTL_SECONDS } from './push.rules.js';
import { VapidKeys } from './vapid-keys.service.js';

/** Writes notifications, encrypted for their browsers (RFC 8291) and signed by us (RFC 8292). */
@Injectable()
export class PushNotices {
  private readonly subject: string;

  constructor(
    private readonly database: Database,
    private readonly outbox: PushOutboxRepository,
    private readonly conversations: ConversationRepository,
    private readonly inbox: InboxRepository,
    private readonly members: MembersService,
    private readonly keys: VapidKeys,
    config: Config,
  ) {
    this.subject = subjectOf(config);
  }

  /** What to send now; undefined when there is nothing to be told any more. */
  async request(push: ClaimedPush): Promise<PushRequest | 'subscription-gone' | undefined> {
    const notice = await this.outbox.findNotice(this.database, push);
    if (notice === undefined) return undefined;
    const { memberId, senderId, endpoint, p256dh, auth, messageId, text, conversationTitle } = notice;
    const key = this.keys.find(notice.keyId);
    if (key === undefined) return 'subscription-gone';
    const [sender, reader, badge] = [await this.members.profile(senderId), await this.members.profile(memberId), await this.badge(memberId)];
    if (reader.member.disabledAt !== null) return undefined;
    const { conversationId, no } = push;
    const payload = payloadText({ conversationId, messageId, no, title: conversationTitle ?? sender.member.displayName, body: text, badge });
    const { headers, body } = webpush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, payload, {
      vapidDetails: { subject: this.subject, publicKey: key.publicKey, privateKey: key.privateKey },
      TTL: TTL_SECONDS, urgency: 'normal', topic: topicOf(conversationId), contentEncoding: 'aes128gcm',
    });
    return { endpoint, headers, body };
  }

  /** All that the member has not read. */
  private async badge(memberId: string): Promise<number> {
    const heads = await this.conversations.listHeadsOf(this.database, memberId);
    const unread = await this.inbox.countUnread(this.database, memberId, heads.map(({ conversationId }) => conversationId));
    return [...unread.values()].reduce((sum, { unread }) => sum + unread, 0);
  }
}
