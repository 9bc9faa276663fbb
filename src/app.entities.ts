import { ChatAttachment } from './features/chat/entities/chat-attachment.js';
import { ChatBlock } from './features/chat/entities/chat-block.js';
import { ChatCallParticipant } from './features/chat/entities/chat-call-participant.js';
import { ChatCall } from './features/chat/entities/chat-call.js';
import { ChatConversation } from './features/chat/entities/chat-conversation.js';
import { ChatEventRow } from './features/chat/entities/chat-event.js';
import { ChatMember } from './features/chat/entities/chat-member.js';
import { ChatMention } from './features/chat/entities/chat-mention.js';
import { ChatMessageRow } from './features/chat/entities/chat-message.js';
import { ChatPushWave } from './features/chat/entities/chat-push-wave.js';
import { ChatReaction } from './features/chat/entities/chat-reaction.js';
import { ChatReport } from './features/chat/entities/chat-report.js';
import { ChatSearchCursor } from './features/chat/entities/chat-search-cursor.js';
import { ChatWord } from './features/chat/entities/chat-word.js';
import { PushOutbox } from './features/chat/entities/push-outbox.js';
import { PushSubscription } from './features/chat/entities/push-subscription.js';
import { CreditAccount } from './features/credits/entities/credit-account.js';
import { CreditEntry } from './features/credits/entities/credit-entry.js';
import { CreditHold } from './features/credits/entities/credit-hold.js';
import { ExportQueue } from './features/exports/entities/export-queue.js';
import { ExportQuota } from './features/exports/entities/export-quota.js';
import { Export } from './features/exports/entities/export.js';
import { ApiToken } from './features/members/entities/api-token.js';
import { Identity } from './features/members/entities/identity.js';
import { Entitlement } from './features/members/entities/entitlement.js';
import { MemberActivity } from './features/members/entities/member-activity.js';
import { Member } from './features/members/entities/member.js';
import { PasswordReset } from './features/members/entities/password-reset.js';
import { Session } from './features/members/entities/session.js';
import { SignInCode } from './features/members/entities/sign-in-code.js';
import { MemeFeed } from './features/memes/entities/meme-feed.js';
import { MemeLike } from './features/memes/entities/meme-like.js';
import { MemeReport } from './features/memes/entities/meme-report.js';
import { MemeUsage } from './features/memes/entities/meme-usage.js';
import { Meme } from './features/memes/entities/meme.js';
import { Blackout } from './features/parking/entities/blackout.js';
import { CalendarToken } from './features/parking/entities/calendar-token.js';
import { GarageRow } from './features/parking/entities/garage.js';
import { PaymentRow } from './features/parking/entities/payment.js';
import { PaymentEvent } from './features/parking/entities/payment-event.js';
import { Refund } from './features/parking/entities/refund.js';
import { RefundQueue } from './features/parking/entities/refund-queue.js';
import { ReservationRow } from './features/parking/entities/reservation.js';
import { SpotRow } from './features/parking/entities/spot.js';
import { SpotDay } from './features/parking/entities/spot-day.js';
import { Tariff } from './features/parking/entities/tariff.js';
import { VehicleRow } from './features/parking/entities/vehicle.js';
import { VehicleDay } from './features/parking/entities/vehicle-day.js';
import { WaitlistRow } from './features/parking/entities/waitlist.js';
import { Statistic } from './features/statistics/entities/statistic.js';
import { FileBlob } from './features/uploads/entities/file-blob.js';
import { FileQueue } from './features/uploads/entities/file-queue.js';
import { FileVariant } from './features/uploads/entities/file-variant.js';
import { File } from './features/uploads/entities/file.js';
import { PresignedUpload } from './features/uploads/entities/presigned-upload.js';
import { TusUpload } from './features/uploads/tus/entities/tus-upload.js';
import { UploadQuota } from './features/uploads/entities/upload-quota.js';
import { PollBallot } from './features/voting/entities/poll-ballot.js';
import { PollCandidate } from './features/voting/entities/poll-candidate.js';
import { PollElector } from './features/voting/entities/poll-elector.js';
import { PollGuard } from './features/voting/entities/poll-guard.js';
import { PollLink } from './features/voting/entities/poll-link.js';
import { PollOpinion } from './features/voting/entities/poll-opinion.js';
import { PollReceipt } from './features/voting/entities/poll-receipt.js';
import { PollSecond } from './features/voting/entities/poll-second.js';
import { PollSecret } from './features/voting/entities/poll-secret.js';
import { PollTally } from './features/voting/entities/poll-tally.js';
import { PollVoter } from './features/voting/entities/poll-voter.js';
import { PollRow } from './features/voting/entities/poll.js';
import { AuditEntry } from './platform/audit/audit-entry.entity.js';
import { AuditHead } from './platform/audit/audit-head.entity.js';
import { TaskRun } from './platform/jobs/task-run.entity.js';
import { QueuedMail } from './platform/mail/queued-mail.entity.js';
import { SandboxPayment } from './platform/payments/sandbox/sandbox-payment.entity.js';
import { SandboxRefund } from './platform/payments/sandbox/sandbox-refund.entity.js';
import { SandboxWebhook } from './platform/payments/sandbox/sandbox-webhook.entity.js';

/** Every entity, listed by hand: a glob would be a dynamic import that neither build nor tests need. */
export const entities = [
  ApiToken, AuditEntry, AuditHead,
  ChatAttachment, ChatBlock, ChatCall, ChatCallParticipant, ChatConversation, ChatEventRow, ChatMember,
  ChatMention, ChatMessageRow, ChatPushWave, ChatReaction, ChatReport, ChatSearchCursor, ChatWord,
  Blackout, CalendarToken, GarageRow, PaymentEvent, PaymentRow, Refund, RefundQueue, ReservationRow, SpotDay, SpotRow, Tariff, VehicleDay, VehicleRow, WaitlistRow,
  CreditAccount, CreditEntry, CreditHold, Entitlement, Export, ExportQueue, ExportQuota, File, FileBlob, FileQueue, FileVariant, Identity, Member,
  MemberActivity, Meme, MemeFeed, MemeLike, MemeReport, MemeUsage, PasswordReset,
  PollBallot, PollCandidate, PollElector, PollGuard, PollLink, PollOpinion, PollReceipt, PollRow, PollSecond, PollSecret, PollTally, PollVoter,
  PresignedUpload, PushOutbox, PushSubscription, QueuedMail, SandboxPayment, SandboxRefund, SandboxWebhook, Session, SignInCode, Statistic, TaskRun, TusUpload, UploadQuota,
];
