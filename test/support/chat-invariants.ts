import type { Reader } from '../../src/platform/database/transactions.js';

const INVARIANTS = `
  SELECT CONCAT('dense: ', c.id, ' has ', COUNT(e.seq), ' events of ', c.first_seq, ' to ', c.last_seq) AS violation
    FROM chat_conversation c LEFT JOIN chat_event e ON e.conversation_id = c.id
   GROUP BY c.id, c.first_seq, c.last_seq
  HAVING COUNT(e.seq) <> c.last_seq - c.first_seq + 1 OR MIN(e.seq) <> c.first_seq OR MAX(e.seq) <> c.last_seq
  UNION ALL
  SELECT CONCAT('numbers: ', c.id, ' has messages to ', COALESCE(MAX(m.no), 0), ' of ', c.last_no)
    FROM chat_conversation c LEFT JOIN chat_message m ON m.conversation_id = c.id
   GROUP BY c.id, c.last_no
  HAVING (MAX(m.no) IS NOT NULL AND MAX(m.no) <> c.last_no) OR (MAX(m.no) IS NOT NULL AND COUNT(m.no) <> MAX(m.no) - MIN(m.no) + 1)
  UNION ALL
  SELECT CONCAT('sent: message ', m.id, ' has no event of its own')
    FROM chat_message m LEFT JOIN chat_event e ON e.conversation_id = m.conversation_id AND e.seq = m.seq
   WHERE e.seq IS NULL OR e.type <> 'message.created' OR e.message_id <> m.id OR e.actor_id <> m.sender_id
  UNION ALL
  SELECT CONCAT('sent: event ', e.conversation_id, ' ', e.seq, ' is of no message')
    FROM chat_event e LEFT JOIN chat_message m ON m.id = e.message_id AND m.conversation_id = e.conversation_id
   WHERE e.type = 'message.created' AND (m.id IS NULL OR m.seq <> e.seq)
  UNION ALL
  SELECT CONCAT('order: ', a.conversation_id, ' numbers message ', a.no, ' before an earlier event')
    FROM chat_message a JOIN chat_message b ON b.conversation_id = a.conversation_id AND b.no = a.no + 1 WHERE b.seq <= a.seq
  UNION ALL
  SELECT CONCAT('marks: ', m.member_id, ' in ', m.conversation_id, ' has come farther than the log')
    FROM chat_member m JOIN chat_conversation c ON c.id = m.conversation_id
   WHERE m.read_seq > c.last_seq OR m.delivered_seq > c.last_seq OR m.read_no > c.last_no OR m.joined_seq > c.last_seq OR m.read_seq > m.delivered_seq OR m.left_seq < m.joined_seq
  UNION ALL
  SELECT CONCAT('joined: ', m.member_id, ' joined ', m.conversation_id, ' without an event')
    FROM chat_member m JOIN chat_conversation c ON c.id = m.conversation_id
   WHERE m.joined_seq >= c.first_seq AND NOT EXISTS
     (SELECT 1 FROM chat_event e WHERE e.conversation_id = m.conversation_id AND e.seq = m.joined_seq AND e.type = 'member.joined' AND JSON_UNQUOTE(JSON_EXTRACT(e.payload, '$.memberId')) = m.member_id)
  UNION ALL
  SELECT CONCAT('mentions: ', n.conversation_id, ' has one in message ', n.no, ', which is none') FROM chat_mention n
    LEFT JOIN chat_message m ON m.conversation_id = n.conversation_id AND m.no = n.no WHERE m.no IS NULL OR m.deleted_at IS NOT NULL
  UNION ALL
  SELECT CONCAT('deleted: something is left of message ', m.id) FROM chat_message m
   WHERE m.deleted_at IS NOT NULL AND (m.body IS NOT NULL OR m.body_hash IS NOT NULL OR EXISTS (SELECT 1 FROM chat_attachment a WHERE a.message_id = m.id) OR EXISTS (SELECT 1 FROM chat_reaction r WHERE r.message_id = m.id))`;

/** What an event may keep: ids, names of emojis, and times. */
const KEPT = new Set(['emoji', 'memberId', 'role', 'mutedUntil', 'bannedUntil']);

/** What is wrong with all conversations: nothing, ever. */
export async function chatViolations(reader: Reader): Promise<string[]> {
  const found = await reader.rows<{ violation: string }>(INVARIANTS);
  const payloads = await reader.rows<{ id: string; seq: number; payload: object }>('SELECT conversation_id AS id, seq, payload FROM chat_event WHERE payload IS NOT NULL');
  const talkative = payloads.filter(({ payload }) => Object.keys(payload).some((key) => !KEPT.has(key)));
  return [...found.map(({ violation }) => violation), ...talkative.map(({ id, seq, payload }) => `payload: event ${id} ${seq} keeps ${Object.keys(payload).join(', ')}`)];
}

/** A conversation as every client must have it in the end. */
export interface StoredLog {
  readonly lines: string[];
  readonly messages: Map<string, { text: string | null; deleted: boolean }>;
}

interface StoredEvent {
  readonly seq: number;
  readonly type: string;
  readonly messageId: string | null;
  readonly payload: { memberId?: string; emoji?: string } | null;
  readonly senderId: string | null;
  readonly clientId: string | null;
}

/** The log of a conversation, in the words of `lineOf`. */
export async function storedLog(reader: Reader, conversationId: string): Promise<StoredLog> {
  const events = await reader.rows<StoredEvent>(
    `SELECT e.seq, e.type, e.message_id AS messageId, e.payload, m.sender_id AS senderId, m.client_id AS clientId FROM chat_event e
     LEFT JOIN chat_message m ON m.id = e.message_id AND e.type = 'message.created' WHERE e.conversation_id = ? ORDER BY e.seq`,
    [conversationId],
  );
  const messages = await reader.rows<{ id: string; text: string | null; deleted: number }>('SELECT id, body AS text, deleted_at IS NOT NULL AS deleted FROM chat_message WHERE conversation_id = ?', [conversationId]);
  return {
    lines: events.map(({ seq, type, messageId, payload, senderId, clientId }) => [seq, type, messageId, senderId, clientId, payload?.memberId, payload?.emoji].filter((part) => part != null).join(' ')),
    messages: new Map(messages.map(({ id, text, deleted }) => [id, { text, deleted: deleted === 1 }])),
  };
}
