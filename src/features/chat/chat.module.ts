import { Module } from '@nestjs/common';
import { MembersModule } from '../members/index.js';
import { UploadsModule } from '../uploads/index.js';
import { ChatStatistics } from './chat.statistics.js';
import { ChatTasks } from './chat.tasks.js';
import { BlockRepository } from './conversations/block.repository.js';
import { BlocksController } from './conversations/blocks.controller.js';
import { Blocks } from './conversations/blocks.service.js';
import { CallAccess } from './calls/call-access.service.js';
import { CallBroadcast } from './calls/call-broadcast.service.js';
import { CallDevices } from './calls/call-devices.service.js';
import { CallSignals } from './calls/call-signals.service.js';
import { CallWatch } from './calls/call-watch.service.js';
import { CallRepository } from './calls/call.repository.js';
import { CallsGateway } from './calls/calls.gateway.js';
import { Calls } from './calls/calls.service.js';
import { IceAccess } from './calls/ice-access.service.js';
import { IceServersController } from './calls/ice-servers.controller.js';
import { ConversationAccess } from './conversations/conversation-access.service.js';
import { ConversationEdits } from './conversations/conversation-edits.service.js';
import { ConversationJoining } from './conversations/conversation-joining.service.js';
import { ConversationLeaving } from './conversations/conversation-leaving.service.js';
import { ConversationMaking } from './conversations/conversation-making.service.js';
import { ConversationMembersController } from './conversations/conversation-members.controller.js';
import { ConversationRepository } from './conversations/conversation.repository.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { InboxRepository } from './conversations/inbox.repository.js';
import { Inbox } from './conversations/inbox.service.js';
import { MemberStanding } from './conversations/member-standing.service.js';
import { MembershipRepository } from './conversations/membership.repository.js';
import { RosterRepository } from './conversations/roster.repository.js';
import { Roster } from './conversations/roster.service.js';
import { AudienceRepository } from './live/audience.repository.js';
import { ChatAudience } from './live/chat-audience.service.js';
import { ChatTimings } from './live/chat-timings.js';
import { ChatGateway } from './live/chat.gateway.js';
import { ConversationSizes } from './live/conversation-sizes.service.js';
import { LiveSignsGateway } from './live/live-signs.gateway.js';
import { PostingRights } from './live/posting-rights.service.js';
import { PresenceRoster } from './live/presence-roster.service.js';
import { PresenceController } from './live/presence.controller.js';
import { Presence } from './live/presence.service.js';
import { ReceiptBoard } from './live/receipt-board.service.js';
import { Typing } from './live/typing.service.js';
import { ChatLogController } from './log/chat-log.controller.js';
import { ChatLog } from './log/chat-log.service.js';
import { ChatSockets } from './log/chat-sockets.js';
import { ChatSync } from './log/chat-sync.service.js';
import { ConversationFeed } from './log/conversation-feed.service.js';
import { EventRepository } from './log/event.repository.js';
import { LongPoll } from './log/long-poll.service.js';
import { MessageActsController } from './messages/message-acts.controller.js';
import { MessageActsGateway } from './messages/message-acts.gateway.js';
import { MessageActs } from './messages/message-acts.service.js';
import { MessageChangeRepository } from './messages/message-change.repository.js';
import { MessageDeletion } from './messages/message-deletion.service.js';
import { MessageEditing } from './messages/message-editing.service.js';
import { MessageFileRepository } from './messages/message-file.repository.js';
import { MessageFilesController } from './messages/message-files.controller.js';
import { MessageFiles } from './messages/message-files.service.js';
import { MessageCountRepository } from './messages/message-count.repository.js';
import { MessageHistory } from './messages/message-history.service.js';
import { MessageReactions } from './messages/message-reactions.service.js';
import { MessageStore } from './messages/message-store.service.js';
import { MessageTexts } from './messages/message-texts.service.js';
import { MessageRepository } from './messages/message.repository.js';
import { MessagesController } from './messages/messages.controller.js';
import { SendAllowance } from './messages/send-allowance.service.js';
import { SendIntake } from './messages/send-intake.service.js';
import { Sending } from './messages/sending.service.js';
import { MessagesDataset } from './messages.dataset.js';
import { MessageReaders } from './moderation/message-readers.service.js';
import { MessageReportsController } from './moderation/message-reports.controller.js';
import { MessageReports } from './moderation/message-reports.service.js';
import { ReportRepository } from './moderation/report.repository.js';
import { PublicAddresses } from './push/public-addresses.service.js';
import { PushDelivery } from './push/push-delivery.service.js';
import { PushExpansion } from './push/push-expansion.service.js';
import { PushNotices } from './push/push-notices.service.js';
import { PushOutboxRepository } from './push/push-outbox.repository.js';
import { PushSubscriptionRepository } from './push/push-subscription.repository.js';
import { PushSubscriptionsController } from './push/push-subscriptions.controller.js';
import { PushSubscriptions } from './push/push-subscriptions.service.js';
import { PushTransport } from './push/push-transport.service.js';
import { PushWaveRepository } from './push/push-wave.repository.js';
import { PushWaveWorker } from './push/push-wave.worker.js';
import { PushWaves } from './push/push-waves.service.js';
import { PushWorker } from './push/push.worker.js';
import { VapidKeys } from './push/vapid-keys.service.js';
import { ReadingController } from './reading/reading.controller.js';
import { ReadingRepository } from './reading/reading.repository.js';
import { Reading } from './reading/reading.service.js';
import { ReceiptStore } from './reading/receipt-store.service.js';
import { ChatRetention } from './retention/chat-retention.service.js';
import { RetentionRepository } from './retention/retention.repository.js';
import { ChatSearchController } from './search/chat-search.controller.js';
import { MessageIndex } from './search/message-index.service.js';
import { MessageSearch } from './search/message-search.service.js';
import { WordRepository } from './search/word.repository.js';

@Module({
  imports: [MembersModule, UploadsModule],
  controllers: [
    ConversationsController, ConversationMembersController, BlocksController, MessagesController, MessageActsController, MessageFilesController,
    MessageReportsController, ReadingController, PresenceController, ChatLogController, IceServersController, ChatSearchController,
    PushSubscriptionsController,
  ],
  providers: [
    ConversationRepository, MembershipRepository, InboxRepository, ConversationAccess, ConversationMaking, Inbox,
    RosterRepository, Roster, ConversationEdits, ConversationJoining, ConversationLeaving, MemberStanding, BlockRepository, Blocks,
    MessageRepository, MessageStore, SendIntake, SendAllowance, Sending, MessageHistory,
    MessageActs, MessageActsGateway, MessageTexts, MessageEditing, MessageDeletion, MessageReactions, MessageChangeRepository, MessageFiles, MessageFileRepository,
    MessageReports, MessageReaders, ReportRepository,
    EventRepository, ChatLog, ChatSync, ConversationFeed, LongPoll, ChatSockets,
    Reading, ReceiptStore, ReadingRepository, ReceiptBoard,
    ChatGateway, ChatAudience, AudienceRepository, ConversationSizes, ChatTimings,
    LiveSignsGateway, Presence, PresenceRoster, Typing, PostingRights,
    MessageSearch, MessageIndex, WordRepository, MessagesDataset, MessageCountRepository, ChatStatistics,
    ChatRetention, RetentionRepository, ChatTasks,
    CallsGateway, Calls, CallSignals, CallAccess, CallBroadcast, CallDevices, CallWatch, CallRepository, IceAccess,
    PushSubscriptions, PushSubscriptionRepository, VapidKeys, PushWaves, PushWaveRepository, PushWaveWorker, PushExpansion,
    PushWorker, PushDelivery, PushNotices, PushOutboxRepository, PushTransport, PublicAddresses,
  ],
})
export class ChatModule {}
