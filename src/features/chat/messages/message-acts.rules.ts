import { forbidden, notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { editWindow, staleVersion, tooManyEmojis } from '../chat.errors.js';
import { checkContent, moderates, refusalToAct, refusalToRead, refusalToSend, type Standing } from '../chat.rules.js';
import type { Deleter, HeldMessage, MessageEdit } from './message-acts.types.js';

export const EDIT_WINDOW_HOURS = 24;
export const MOST_EMOJIS = 20;

const HOUR_MS = 3_600_000;
/** By the constructor: the flag is newer than the language that we compile to. */
const EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v');

/** One emoji as keyboards send it, of however many characters it is made. @throws requestInvalid */
export function checkEmoji(emoji: string): void {
  if (!EMOJI.test(emoji)) throw requestInvalid({ errors: [{ path: 'emoji', message: 'emoji must be one emoji' }] });
}

/**
 * Whether an edit changes anything. It does not when the message reads so already, be it that it was edited so by
 * the same request, whose answer was lost.
 *
 * An edit says something new: who may not send may not edit, but need not wait in slow mode.
 *
 * @throws notFound for who is not in the conversation, and for a deleted message; forbidden for who has not sent it
 * @throws chatBanned, chatArchived, chatMuted, chatBlocked; editWindow; staleVersion; chatEmpty, chatTooLong
 */
export function isChangedBy(memberId: string, { text, version }: MessageEdit, held: HeldMessage): boolean {
  const { message, conversation, standing: found, isBlocked } = held;
  const standing = checkReader(found, conversation.now);
  if (message.deleted) throw notFound();
  if (message.senderId !== memberId) throw forbidden();
  if (message.text === text && (message.version === version || message.version === version + 1)) return false;
  const refusal = refusalToSend({ ...standing, lastSentAt: null }, { ...conversation, isBlocked }, conversation.now);
  if (refusal !== undefined) throw refusal;
  const ageMs = conversation.now.getTime() - new Date(message.createdAt).getTime();
  if (ageMs > EDIT_WINDOW_HOURS * HOUR_MS && !moderates(standing.role)) throw editWindow();
  if (message.version !== version) throw staleVersion({ version: message.version });
  checkContent({ text, fileIds: message.files.map(({ id }) => id) });
  return true;
}

/**
 * Whoever has sent a message takes it back, also when they are muted; in an archive too. Moderators of the community
 * delete where they are members, and elsewhere what was reported to them.
 *
 * @throws notFound for who is not in the conversation; chatBanned; forbidden
 */
export function checkDeletion({ memberId, isModerator, isReported }: Deleter, { message, conversation, standing: found }: HeldMessage): void {
  if (isModerator && isReported) return;
  const standing = checkReader(found, conversation.now);
  if (message.senderId !== memberId && !moderates(standing.role) && !isModerator) throw forbidden();
}

/**
 * Whether setting a reaction changes anything. Taking one's own back is allowed to whoever may read.
 *
 * @param isSet whether the member has reacted so already
 * @throws notFound for who is not in the conversation, and for a deleted message
 * @throws chatBanned, chatArchived, chatMuted, chatBlocked; tooManyEmojis
 */
export function isReactionChanged({ emoji, on, isSet }: { emoji: string; on: boolean; isSet: boolean }, held: HeldMessage): boolean {
  const { message, conversation, standing: found, isBlocked } = held;
  const standing = checkReader(found, conversation.now);
  if (message.deleted) throw notFound();
  if (isSet === on) return false;
  if (!on) return true;
  const refusal = refusalToAct(standing, { ...conversation, isBlocked }, conversation.now);
  if (refusal !== undefined) throw refusal;
  if (message.reactions.length >= MOST_EMOJIS && !message.reactions.some((reaction) => reaction.emoji === emoji)) throw tooManyEmojis({ most: MOST_EMOJIS });
  return true;
}

/** @throws notFound, chatBanned */
function checkReader(standing: Standing | undefined, now: Date): Standing {
  if (standing === undefined) throw notFound();
  const refusal = refusalToRead(standing, now);
  if (refusal !== undefined) throw refusal;
  return standing;
}
