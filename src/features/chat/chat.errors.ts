import { defineError } from '../../platform/errors/domain-error.js';

export const chatMuted = defineError<{ until: string }>('chat.muted', 'forbidden', 'You are muted in this conversation, or only its moderators may send.');
export const chatBanned = defineError<{ until: string }>('chat.banned', 'forbidden', 'You are banned from this conversation; see until.');
export const chatBlocked = defineError('chat.blocked', 'forbidden', 'One of you has blocked the other, so nothing can be sent here.');
export const slowMode = defineError<{ retryAfterSeconds: number }>('chat.slow-mode', 'too-many', 'This conversation is in slow mode. Send again when the time is over.');
export const chatTooLong = defineError<{ what: 'codePoints' | 'bytes' | 'mentions'; most: number }>('chat.too-long', 'unprocessable', 'This message is too long; see what, and how much there may be of it.');
export const chatEmpty = defineError('chat.empty', 'unprocessable', 'A message has a text or a file.');
export const clientIdReused = defineError('chat.client-id-reused', 'conflict', 'You have sent another message here under this clientId. Make a new one for each message.');
export const staleVersion = defineError<{ version: number }>('chat.stale-version', 'conflict', 'The message was changed meanwhile; see version. Look at it, and edit it again.');
export const editWindow = defineError('chat.edit-window', 'unprocessable', 'Messages can be edited for 24 hours.');
export const tooManyEmojis = defineError<{ most: number }>('chat.too-many-emojis', 'unprocessable', 'There are as many different emojis on this message as there may be. Use one of them.');
export const chatArchived = defineError('chat.archived', 'conflict', 'This conversation is archived: it can be read, and nothing is added to it.');
export const attachmentNotReady = defineError<{ fileId: string; state: string }>('chat.attachment-not-ready', 'unprocessable', 'This file is not ready to be sent; see state. Wait for file.ready.');
export const seqAhead = defineError<{ lastSeq: number }>('chat.seq-ahead', 'unprocessable', 'The conversation has not come so far; see lastSeq.');
export const chatFull = defineError<{ most: number }>('chat.full', 'unprocessable', 'There is no room in this conversation for so many; see most.');
