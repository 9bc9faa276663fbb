import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../platform/database/transactions.js';

/** Counts messages. Their ids are UUIDv7, so that a time is a place among them. */
@Injectable()
export class MessageCountRepository {
  /** When the first one was sent that is still there. */
  async first(reader: Reader): Promise<Date | null> {
    const [row] = await reader.rows<{ id: string | null }>('SELECT MIN(id) AS id FROM chat_message');
    return row!.id === null ? null : new Date(Number.parseInt(row!.id.slice(0, 13).replace('-', ''), 16));
  }

  /** Deleted ones count: they were sent. */
  async count(reader: Reader, { from, to }: { readonly from: Date; readonly to: Date }): Promise<number> {
    const [row] = await reader.rows<{ messages: number }>('SELECT COUNT(*) AS messages FROM chat_message WHERE id >= ? AND id < ?', [leastId(from), leastId(to)]);
    return row!.messages;
  }

  async countIn(reader: Reader, conversationIds: readonly string[]): Promise<number> {
    if (conversationIds.length === 0) return 0;
    const [row] = await reader.rows<{ messages: number }>('SELECT COUNT(*) AS messages FROM chat_message WHERE conversation_id IN (?)', [conversationIds]);
    return row!.messages;
  }
}

/** No id of this time or later is less (RFC 9562: milliseconds in the first 48 bits). */
function leastId(instant: Date): string {
  return instant.getTime().toString(16).padStart(12, '0').replace(/^.{8}/, '$&-');
}
