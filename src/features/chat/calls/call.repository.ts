import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { mayRead } from '../conversations/membership.repository.js';
import { GONE_SECONDS, UNSEEN_SECONDS } from './call.rules.js';
import type { CallRecord, Device, FoundCall, Participant } from './calls.types.js';

type CallRow = Omit<FoundCall, 'participants'>;

/** What a call is made of that is still to begin. */
export type CallPlace = Pick<CallRecord, 'id' | 'conversationId' | 'callerId' | 'media'>;

/** The only SQL on the tables `chat_call` and `chat_call_participant`. */
@Injectable()
export class CallRepository {
  /** Takes the conversation's row, so that nobody else changes its call before the commit: made when there was none yet. */
  async take(tx: Tx, { conversationId, id, callerId, media }: CallPlace): Promise<void> {
    await tx.write(
      `INSERT INTO chat_call (conversation_id, id, caller_id, media, state, version, started_at, rings_until) VALUES (?, ?, ?, ?, 'ended', 1, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
       ON DUPLICATE KEY UPDATE version = version + 1`,
      [conversationId, id, callerId, media],
    );
  }

  /** The same, of a call that has begun. False when another one has come in its place. */
  async retake(tx: Tx, { conversationId, id }: Pick<CallRecord, 'conversationId' | 'id'>): Promise<boolean> {
    return (await tx.write('UPDATE chat_call SET version = version + 1 WHERE conversation_id = ? AND id = ?', [conversationId, id])) === 1;
  }

  async findConversation(reader: Reader, callId: string): Promise<string | undefined> {
    return (await reader.rows<{ conversationId: string }>('SELECT conversation_id AS conversationId FROM chat_call WHERE id = ?', [callId]))[0]?.conversationId;
  }

  /** The last calls of these conversations, as they were written; see `settled`. */
  async list(reader: Reader, conversationIds: readonly string[]): Promise<FoundCall[]> {
    if (conversationIds.length === 0) return [];
    const rows = await reader.rows<CallRow>(
      `SELECT c.id, c.conversation_id AS conversationId, c.caller_id AS callerId, c.media, c.state, c.version, c.started_at AS startedAt, c.rings_until AS ringsUntil,
              v.kind, v.posting, v.archived_at AS archivedAt, UTC_TIMESTAMP(3) AS now
       FROM chat_call c JOIN chat_conversation v ON v.id = c.conversation_id WHERE c.conversation_id IN (?)`,
      [conversationIds],
    );
    const participants = await reader.rows<Omit<Participant, 'isMember'> & { callId: string; isMember: number }>(
      `SELECT p.call_id AS callId, p.member_id AS memberId, p.device, p.state, p.seen_at AS seenAt, p.gone_at AS goneAt, m.member_id IS NOT NULL AS isMember
       FROM chat_call c JOIN chat_call_participant p ON p.call_id = c.id
       LEFT JOIN chat_member m ON m.conversation_id = c.conversation_id AND m.member_id = p.member_id AND ${mayRead('m')}
       WHERE c.conversation_id IN (?)`,
      [conversationIds],
    );
    const ofCall = (id: string) => participants.filter(({ callId }) => callId === id).map(({ callId: _, isMember, ...one }) => ({ ...one, isMember: isMember === 1 }));
    return rows.map((row) => ({ ...row, participants: ofCall(row.id) }));
  }

  /** Conversations of a member in which there may be a call. */
  async listPlacesOf(reader: Reader, memberId: string): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `SELECT c.conversation_id AS id FROM chat_member m JOIN chat_call c ON c.conversation_id = m.conversation_id WHERE m.member_id = ? AND ${mayRead('m')} AND c.state <> 'ended'`, [memberId],
    );
    return rows.map(({ id }) => id);
  }

  /** Who may read a conversation. */
  async listReaders(reader: Reader, conversationId: string): Promise<string[]> {
    const rows = await reader.rows<{ memberId: string }>(`SELECT m.member_id AS memberId FROM chat_member m WHERE m.conversation_id = ? AND ${mayRead('m')}`, [conversationId]);
    return rows.map(({ memberId }) => memberId);
  }

  /** Calls of which time has made something else than what is written. */
  async listDue(reader: Reader): Promise<Pick<CallRecord, 'conversationId' | 'id'>[]> {
    return reader.rows(
      `SELECT c.conversation_id AS conversationId, c.id FROM chat_call c WHERE c.state = 'ringing' AND c.rings_until <= UTC_TIMESTAMP(3)
       UNION
       SELECT c.conversation_id, c.id FROM chat_call c JOIN chat_call_participant p ON p.call_id = c.id
       LEFT JOIN chat_member m ON m.conversation_id = c.conversation_id AND m.member_id = p.member_id AND ${mayRead('m')}
       WHERE c.state IN ('ringing', 'active') AND p.state = 'joined'
         AND (m.member_id IS NULL OR p.gone_at <= UTC_TIMESTAMP(3) - INTERVAL ? SECOND OR p.seen_at <= UTC_TIMESTAMP(3) - INTERVAL ? SECOND)`,
      [GONE_SECONDS, UNSEEN_SECONDS],
    );
  }

  /** Writes what has become of a call that was taken. */
  async save(tx: Tx, before: CallRecord, after: CallRecord): Promise<void> {
    const isNew = before.id !== after.id;
    const gone = isNew ? before.participants : before.participants.filter(({ memberId }) => !after.participants.some((one) => one.memberId === memberId));
    const come = isNew ? after.participants : after.participants.filter((one) => !before.participants.includes(one));
    if (gone.length > 0) await tx.write('DELETE FROM chat_call_participant WHERE call_id = ? AND member_id IN (?)', [before.id, gone.map(({ memberId }) => memberId)]);
    if (isNew || before.state !== after.state) {
      const { id, callerId, media, state, startedAt, ringsUntil, conversationId } = after;
      await tx.write('UPDATE chat_call SET id = ?, caller_id = ?, media = ?, state = ?, started_at = ?, rings_until = ? WHERE conversation_id = ?', [id, callerId, media, state, startedAt, ringsUntil, conversationId]);
    }
    for (const { memberId, device, state } of come) {
      await tx.write(
        `INSERT INTO chat_call_participant (call_id, member_id, device, state, seen_at, gone_at) VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3), NULL)
         ON DUPLICATE KEY UPDATE device = VALUES(device), state = VALUES(state), seen_at = VALUES(seen_at), gone_at = NULL`,
        [after.id, memberId, device, state],
      );
    }
  }

  /** By which devices members are in these calls. */
  async listJoined(reader: Reader, callIds: readonly string[]): Promise<{ callId: string; device: string }[]> {
    return reader.rows("SELECT call_id AS callId, device FROM chat_call_participant WHERE call_id IN (?) AND state = 'joined'", [callIds]);
  }

  /** Says that these devices are there. */
  async markSeen(tx: Tx, callIds: readonly string[], devices: readonly string[]): Promise<void> {
    await tx.write("UPDATE chat_call_participant SET seen_at = UTC_TIMESTAMP(3) WHERE call_id IN (?) AND device IN (?) AND state = 'joined'", [callIds, devices]);
  }

  /** Says that a device is not there any more. */
  async markGone(tx: Tx, callIds: readonly string[], { device }: Pick<Device, 'device'>): Promise<void> {
    await tx.write("UPDATE chat_call_participant SET gone_at = UTC_TIMESTAMP(3) WHERE call_id IN (?) AND device = ? AND state = 'joined' AND gone_at IS NULL", [callIds, device]);
  }
}
