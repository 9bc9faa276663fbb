import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { ChatEvent, LogCursor, LogHead } from '../chat.types.js';
import { ConversationRepository } from '../conversations/conversation.repository.js';
import { EventRepository, textRoom } from './event.repository.js';

/** What a client lacks. */
export interface Synced {
  /** In the order of each conversation's log. */
  readonly events: ChatEvent[];
  /** Logs of which the client has what is worth nothing any more: it drops that, and goes on from here. */
  readonly resets: (LogCursor & { readonly conversationId: string })[];
  /** Conversations that the member is not in, or not any more. */
  readonly gone: string[];
  /** Whether to ask again, from what is had now. */
  readonly more: boolean;
}

/** Brings clients up to date. */
@Injectable()
export class ChatSync {
  constructor(
    private readonly database: Database,
    private readonly conversations: ConversationRepository,
    private readonly events: EventRepository,
  ) {}

  /**
   * What follows on these cursors, at most `limit` events. `{epoch, seq: 0}` asks from the start, whatever the epoch.
   *
   * @param isHeard whether a socket that asks hears a conversation by now. One that it came to be let into only since is
   *   gone for it, as before: it would take itself to be up to date, and hear nothing more
   */
  async sync(memberId: string, cursors: ReadonlyMap<string, LogCursor>, limit: number, isHeard: (conversationId: string) => boolean = () => true): Promise<Synced> {
    const heads = new Map((await this.conversations.listHeadsOf(this.database, memberId)).map((head) => [head.conversationId, head]));
    const synced: { -readonly [Key in keyof Synced]: Synced[Key] } = { events: [], resets: [], gone: [], more: false };
    const room = textRoom();
    for (const [conversationId, cursor] of cursors) {
      const head = heads.get(conversationId);
      if (head === undefined || !isHeard(conversationId)) synced.gone.push(conversationId);
      else if (isOutdated(cursor, head)) {
        synced.resets.push({ conversationId, epoch: head.epoch, seq: head.firstSeq - 1 });
        if (head.seq >= head.firstSeq) synced.more = true;
      } else if (head.seq > cursor.seq) {
        const events = await this.events.list(this.database, head, cursor.seq, limit - synced.events.length, room);
        synced.events.push(...events);
        if ((events.at(-1)?.seq ?? cursor.seq) < head.seq) synced.more = true;
      }
    }
    return synced;
  }
}

/** Whether what a client has does not lead on to what is in the log now. */
function isOutdated({ epoch, seq }: LogCursor, head: LogHead): boolean {
  if (seq === 0) return head.firstSeq > 1;
  return epoch !== head.epoch || seq > head.seq || seq < head.firstSeq - 1;
}
