import type { MigrationInterface } from 'typeorm';
import { CreateTaskRun1795340001000 } from './1795340001000-create-task-run.js';
import { CreateIdempotency1795340002000 } from './1795340002000-create-idempotency.js';
import { CreateMember1795340010000 } from './1795340010000-create-member.js';
import { CreateSession1795340011000 } from './1795340011000-create-session.js';
import { CreateApiToken1795340012000 } from './1795340012000-create-api-token.js';
import { CreateCreditAccount1795340020000 } from './1795340020000-create-credit-account.js';
import { CreateCreditEntry1795340021000 } from './1795340021000-create-credit-entry.js';
import { CreateCreditHold1795340022000 } from './1795340022000-create-credit-hold.js';
import { CreateMeme1795340030000 } from './1795340030000-create-meme.js';
import { CreateExport1795340040000 } from './1795340040000-create-export.js';
import { CreateExportQueue1795340041000 } from './1795340041000-create-export-queue.js';
import { CreateExportQuota1795340042000 } from './1795340042000-create-export-quota.js';
import { CreateQueuedMail1795350010000 } from './1795350010000-create-queued-mail.js';
import { CreatePasswordReset1795350011000 } from './1795350011000-create-password-reset.js';
import { CreateIdentity1795350013000 } from './1795350013000-create-identity.js';
import { CreateSignInCode1795350014000 } from './1795350014000-create-sign-in-code.js';
import { CreateAuditEntry1795350016000 } from './1795350016000-create-audit-entry.js';
import { CreateAuditHead1795350017000 } from './1795350017000-create-audit-head.js';
import { CreateEntitlement1795350018000 } from './1795350018000-create-entitlement.js';
import { IndexCreditReversals1795350020000 } from './1795350020000-index-credit-reversals.js';
import { AddExportCopyDay1795350040000 } from './1795350040000-add-export-copy-day.js';
import { AddExportQuotaCopies1795350041000 } from './1795350041000-add-export-quota-copies.js';
import { CreateStatistic1795350050000 } from './1795350050000-create-statistic.js';
import { CreateMemberActivity1795350051000 } from './1795350051000-create-member-activity.js';
import { IndexMemberJoining1795350052000 } from './1795350052000-index-member-joining.js';
import { IndexCreditEntryTimes1795350053000 } from './1795350053000-index-credit-entry-times.js';
import { IndexExportTimes1795350054000 } from './1795350054000-index-export-times.js';
import { CreateFileBlob1795360010000 } from './1795360010000-create-file-blob.js';
import { CreateFile1795360011000 } from './1795360011000-create-file.js';
import { CreateFileVariant1795360012000 } from './1795360012000-create-file-variant.js';
import { CreateFileQueue1795360013000 } from './1795360013000-create-file-queue.js';
import { CreateUploadQuota1795360014000 } from './1795360014000-create-upload-quota.js';
import { CreateTusUpload1795360040000 } from './1795360040000-create-tus-upload.js';
import { CreatePresignedUpload1795360050000 } from './1795360050000-create-presigned-upload.js';
import { CreateMemeFeed1795370010000 } from './1795370010000-create-meme-feed.js';
import { AddMemeChanges1795370011000 } from './1795370011000-add-meme-changes.js';
import { ChangeMemeStatus1795370012000 } from './1795370012000-change-meme-status.js';
import { CreateMemeLike1795370020000 } from './1795370020000-create-meme-like.js';
import { CreateMemeReport1795370021000 } from './1795370021000-create-meme-report.js';
import { IndexMemePictures1795370022000 } from './1795370022000-index-meme-pictures.js';
import { IndexMemeStatus1795370023000 } from './1795370023000-index-meme-status.js';
import { ChangeMemeImageUrl1795370024000 } from './1795370024000-change-meme-image-url.js';
import { CreateMemeUsage1795370040000 } from './1795370040000-create-meme-usage.js';
import { CreatePoll1795380010000 } from './1795380010000-create-poll.js';
import { CreatePollCandidate1795380011000 } from './1795380011000-create-poll-candidate.js';
import { CreatePollElector1795380012000 } from './1795380012000-create-poll-elector.js';
import { CreatePollGuard1795380013000 } from './1795380013000-create-poll-guard.js';
import { CreatePollSecret1795380014000 } from './1795380014000-create-poll-secret.js';
import { CreatePollVoter1795380015000 } from './1795380015000-create-poll-voter.js';
import { CreatePollBallot1795380016000 } from './1795380016000-create-poll-ballot.js';
import { CreatePollTally1795380017000 } from './1795380017000-create-poll-tally.js';
import { CreatePollSecond1795380018000 } from './1795380018000-create-poll-second.js';
import { CreatePollLink1795380019000 } from './1795380019000-create-poll-link.js';
import { CreatePollReceipt1795380020000 } from './1795380020000-create-poll-receipt.js';
import { CreatePollOpinion1795380021000 } from './1795380021000-create-poll-opinion.js';
import { CreateChatConversation1795390010000 } from './1795390010000-create-chat-conversation.js';
import { CreateChatMember1795390011000 } from './1795390011000-create-chat-member.js';
import { CreateChatEvent1795390012000 } from './1795390012000-create-chat-event.js';
import { CreateChatMessage1795390013000 } from './1795390013000-create-chat-message.js';
import { CreateChatAttachment1795390014000 } from './1795390014000-create-chat-attachment.js';
import { CreateChatMention1795390015000 } from './1795390015000-create-chat-mention.js';
import { CreateChatReaction1795390016000 } from './1795390016000-create-chat-reaction.js';
import { CreateChatBlock1795390017000 } from './1795390017000-create-chat-block.js';
import { CreateChatReport1795390030000 } from './1795390030000-create-chat-report.js';
import { CreateChatSearchCursor1795390040000 } from './1795390040000-create-chat-search-cursor.js';
import { CreateChatWord1795390041000 } from './1795390041000-create-chat-word.js';
import { CreatePushSubscription1795390050000 } from './1795390050000-create-push-subscription.js';
import { CreateChatPushWave1795390051000 } from './1795390051000-create-chat-push-wave.js';
import { CreatePushOutbox1795390052000 } from './1795390052000-create-push-outbox.js';
import { CreateChatCall1795390060000 } from './1795390060000-create-chat-call.js';
import { CreateChatCallParticipant1795390061000 } from './1795390061000-create-chat-call-participant.js';
import { CreateGarage1795400010000 } from './1795400010000-create-garage.js';
import { CreateTariff1795400011000 } from './1795400011000-create-tariff.js';
import { CreateSpot1795400012000 } from './1795400012000-create-spot.js';
import { CreateVehicle1795400013000 } from './1795400013000-create-vehicle.js';
import { CreateSpotDay1795400014000 } from './1795400014000-create-spot-day.js';
import { CreateVehicleDay1795400015000 } from './1795400015000-create-vehicle-day.js';
import { CreateReservation1795400016000 } from './1795400016000-create-reservation.js';
import { CreatePayment1795400017000 } from './1795400017000-create-payment.js';
import { CreatePaymentEvent1795400018000 } from './1795400018000-create-payment-event.js';
import { CreateRefund1795400019000 } from './1795400019000-create-refund.js';
import { CreateRefundQueue1795400020000 } from './1795400020000-create-refund-queue.js';
import { CreateWaitlist1795400021000 } from './1795400021000-create-waitlist.js';
import { CreateBlackout1795400022000 } from './1795400022000-create-blackout.js';
import { CreateCalendarToken1795400060000 } from './1795400060000-create-calendar-token.js';
import { CreateSandboxPayment1795400070000 } from './1795400070000-create-sandbox-payment.js';
import { CreateSandboxRefund1795400071000 } from './1795400071000-create-sandbox-refund.js';
import { CreateSandboxWebhook1795400072000 } from './1795400072000-create-sandbox-webhook.js';

/**
 * Every migration in the order of its timestamp. Listed by hand so that the application, the tests and
 * the command line run the same ones without a glob; a test holds this list against the folder.
 */
export const migrations = [
  CreateTaskRun1795340001000,
  CreateIdempotency1795340002000,
  CreateMember1795340010000,
  CreateSession1795340011000,
  CreateApiToken1795340012000,
  CreateCreditAccount1795340020000,
  CreateCreditEntry1795340021000,
  CreateCreditHold1795340022000,
  CreateMeme1795340030000,
  CreateExport1795340040000,
  CreateExportQueue1795340041000,
  CreateExportQuota1795340042000,
  CreateQueuedMail1795350010000,
  CreatePasswordReset1795350011000,
  CreateIdentity1795350013000,
  CreateSignInCode1795350014000,
  CreateAuditEntry1795350016000,
  CreateAuditHead1795350017000,
  CreateEntitlement1795350018000,
  IndexCreditReversals1795350020000,
  AddExportCopyDay1795350040000,
  AddExportQuotaCopies1795350041000,
  CreateStatistic1795350050000,
  CreateMemberActivity1795350051000,
  IndexMemberJoining1795350052000,
  IndexCreditEntryTimes1795350053000,
  IndexExportTimes1795350054000,
  CreateFileBlob1795360010000,
  CreateFile1795360011000,
  CreateFileVariant1795360012000,
  CreateFileQueue1795360013000,
  CreateUploadQuota1795360014000,
  CreateTusUpload1795360040000,
  CreatePresignedUpload1795360050000,
  CreateMemeFeed1795370010000,
  AddMemeChanges1795370011000,
  ChangeMemeStatus1795370012000,
  CreateMemeLike1795370020000,
  CreateMemeReport1795370021000,
  IndexMemePictures1795370022000,
  IndexMemeStatus1795370023000,
  ChangeMemeImageUrl1795370024000,
  CreateMemeUsage1795370040000,
  CreatePoll1795380010000,
  CreatePollCandidate1795380011000,
  CreatePollElector1795380012000,
  CreatePollGuard1795380013000,
  CreatePollSecret1795380014000,
  CreatePollVoter1795380015000,
  CreatePollBallot1795380016000,
  CreatePollTally1795380017000,
  CreatePollSecond1795380018000,
  CreatePollLink1795380019000,
  CreatePollReceipt1795380020000,
  CreatePollOpinion1795380021000,
  CreateChatConversation1795390010000,
  CreateChatMember1795390011000,
  CreateChatEvent1795390012000,
  CreateChatMessage1795390013000,
  CreateChatAttachment1795390014000,
  CreateChatMention1795390015000,
  CreateChatReaction1795390016000,
  CreateChatBlock1795390017000,
  CreateChatReport1795390030000,
  CreateChatSearchCursor1795390040000,
  CreateChatWord1795390041000,
  CreatePushSubscription1795390050000,
  CreateChatPushWave1795390051000,
  CreatePushOutbox1795390052000,
  CreateChatCall1795390060000,
  CreateChatCallParticipant1795390061000,
  CreateGarage1795400010000,
  CreateTariff1795400011000,
  CreateSpot1795400012000,
  CreateVehicle1795400013000,
  CreateSpotDay1795400014000,
  CreateVehicleDay1795400015000,
  CreateReservation1795400016000,
  CreatePayment1795400017000,
  CreatePaymentEvent1795400018000,
  CreateRefund1795400019000,
  CreateRefundQueue1795400020000,
  CreateWaitlist1795400021000,
  CreateBlackout1795400022000,
  CreateCalendarToken1795400060000,
  CreateSandboxPayment1795400070000,
  CreateSandboxRefund1795400071000,
  CreateSandboxWebhook1795400072000,
] satisfies (new () => MigrationInterface)[];
