import { Injectable, Logger } from '@nestjs/common';
import { newId } from '../../../platform/database/columns.js';
import { unstored } from '../../../platform/database/group-commit.js';
import { isRefusedByServer } from '../../../platform/database/sql-errors.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { clientIdReused } from '../chat.errors.js';
import { faultPoint } from '../chat.faults.js';
import { refusalToRead, refusalToSend, type Standing } from '../chat.rules.js';
import type { ChatEvent, ChatMessage } from '../chat.types.js';
import { ConversationRepository, type HeldConversation } from '../conversations/conversation.repository.js';
import { keyOfPart, MembershipRepository, type SentMark } from '../conversations/membership.repository.js';
import { ConversationFeed } from '../log/conversation-feed.service.js';
import { EventRepository } from '../log/event.repository.js';
import { PushWaves } from '../push/push-waves.service.js';
import { keyOfSend, MessageRepository, type NewMessage, type SentBefore } from './message.repository.js';
import type { Send, Sent } from './messages.types.js';

type Outcome = Sent | Error;

/** What has been decided about a batch so far. */
interface Batch {
  readonly held: ReadonlyMap<string, HeldConversation>;
  readonly outcomes: Map<Send, Outcome>;
  readonly messages: NewMessage[];
  /** What came first under its `keyOfSend`: what comes again is its repetition. */
  readonly first: Map<string, Send>;
}

/** Stores messages that are sent at the same time: one transaction, in which their conversations are held. */
@Injectable()
export class MessageStore {
  private readonly logger = new Logger(MessageStore.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly conversations: ConversationRepository,
    private readonly members: MembershipRepository,
    private readonly messages: MessageRepository,
    private readonly events: EventRepository,
    private readonly feed: ConversationFeed,
    private readonly pushWaves: PushWaves,
  ) {}

  /**
   * Stores what may be stored, and says of each message what became of it, in their order. When it answers, what is
   * stored is durable. A batch that the database refuses for what is in it is tried in halves, so that one message
   * cannot keep the others out.
   */
  async store(sends: readonly Send[]): Promise<Outcome[]> {
    try {
      const { outcomes, events } = await this.transactions.run((tx) => this.batch(tx, sends), { noticesNesting: false });
      faultPoint('chat.after-commit');
      for (const ofOne of events) this.feed.announce(ofOne);
      return sends.map((send) => outcomes.get(send)!);
    } catch (error) {
      if (error instanceof DomainError) return sends.map(() => error);
      if (sends.length === 1 || !isRefusedByServer(error)) {
        this.logger.error(error, `a batch of ${sends.length} messages failed`);
        // Whether it was committed is not known: a retry finds out, by the clientId.
        return sends.map(() => unstored(error));
      }
      this.logger.warn(error, `a batch of ${sends.length} messages is tried in halves`);
      const middle = sends.length >> 1;
      return [...(await this.store(sends.slice(0, middle))), ...(await this.store(sends.slice(middle)))];
    }
  }

  private async batch(tx: Tx, sends: readonly Send[]): Promise<{ outcomes: ReadonlyMap<Send, Outcome>; events: ChatEvent[][] }> {
    const wanted = new Map<string, { events: number; messages: number }>();
    for (const { conversationId } of sends) {
      const count = (wanted.get(conversationId)?.events ?? 0) + 1;
      wanted.set(conversationId, { events: count, messages: count });
    }
    const held = await this.conversations.advance(tx, wanted);
    const batch: Batch = { held, outcomes: new Map(), messages: [], first: new Map() };
    await this.decide(tx, batch, sends);
    for (const conversation of held.values()) {
      const stored = batch.messages.filter(({ conversationId }) => conversationId === conversation.id).length;
      if (stored === wanted.get(conversation.id)!.messages) continue;
      await this.conversations.settle(tx, { id: conversation.id, lastSeq: conversation.lastSeq + stored, lastNo: conversation.lastNo + stored });
    }
    const events = batch.messages.length === 0 ? [] : await this.write(tx, batch);
    faultPoint('chat.before-commit');
    return { outcomes: batch.outcomes, events };
  }

  /** Decides about each message in the order of their coming: new ones get their numbers here. */
  private async decide(tx: Tx, batch: Batch, sends: readonly Send[]): Promise<void> {
    const { held, outcomes, first } = batch;
    const standings = await this.members.listStandings(tx, sends.map(({ conversationId, senderId }) => ({ conversationId, memberId: senderId })));
    const sentBefore = await this.messages.listSent(tx, sends);
    const blocked = await this.members.listBlockedDms(tx, [...held.values()].filter(({ kind }) => kind === 'dm').map(({ id }) => id));
    const places = await this.messages.listConversations(tx, sends.flatMap(({ replyTo, threadRoot }) => [replyTo, threadRoot]).filter((id) => id !== null));
    const lastSentAt = new Map<string, Date>();
    for (const send of sends) {
      const part = keyOfPart({ conversationId: send.conversationId, memberId: send.senderId });
      const [conversation, standing, before, twin] = [held.get(send.conversationId), standings.get(part), sentBefore.get(keyOfSend(send)), first.get(keyOfSend(send))];
      const refusal = conversation === undefined || standing === undefined ? notFound() : refusalToRead(standing, conversation.now);
      if (refusal !== undefined) outcomes.set(send, refusal);
      else if (before !== undefined) outcomes.set(send, isSame(before, send) ? { message: before.message, duplicate: true } : clientIdReused());
      else if (twin !== undefined) outcomes.set(send, repetitionOf(twin, send, outcomes.get(twin)!));
      else {
        first.set(keyOfSend(send), send);
        const known: Standing = { ...standing!, lastSentAt: lastSentAt.get(part) ?? standing!.lastSentAt };
        const refused = refusalToSend(known, { ...conversation!, isBlocked: blocked.has(send.conversationId) }, conversation!.now) ?? send.refusal ?? misplaced(send, places);
        if (refused === undefined) lastSentAt.set(part, conversation!.now);
        outcomes.set(send, refused ?? { message: this.number(batch, conversation!, send), duplicate: false });
      }
    }
  }

  private number({ messages }: Batch, { id, lastSeq, lastNo, now }: HeldConversation, send: Send): ChatMessage {
    const place = messages.filter(({ conversationId }) => conversationId === id).length + 1;
    const { conversationId, senderId, clientId, text, replyTo, threadRoot, mentions, files } = send;
    const content = { conversationId, senderId, clientId, text, replyTo, threadRoot, mentions, files, id: newId(), seq: lastSeq + place, no: lastNo + place };
    messages.push({ ...content, bodyHash: send.bodyHash, createdAt: now });
    return { ...content, version: 1, createdAt: now.toISOString(), editedAt: null, deleted: false, reactions: [] };
  }

  /** @returns the events of each conversation */
  private async write(tx: Tx, { messages, held, outcomes }: Batch): Promise<ChatEvent[][]> {
    await this.messages.insert(tx, messages);
    const drafts = messages.map(({ conversationId, seq, id, senderId, createdAt }) => ({ conversationId, seq, at: createdAt, type: 'message.created' as const, actorId: senderId, messageId: id }));
    await this.events.insert(tx, drafts);
    const marks = new Map<string, SentMark>();
    for (const { conversationId, senderId, seq, no, createdAt } of messages) {
      const mark = { conversationId, memberId: senderId, seq, no, at: createdAt };
      marks.set(keyOfPart(mark), mark);
    }
    await this.members.markSent(tx, [...marks.values()].sort((a, b) => (keyOfPart(a) < keyOfPart(b) ? -1 : 1)));
    await this.pushWaves.note(tx, messages);
    const byConversation = new Map<string, ChatEvent[]>();
    for (const outcome of outcomes.values()) {
      if (outcome instanceof Error || outcome.duplicate) continue;
      const { message } = outcome;
      const { conversationId, seq, createdAt, senderId } = message;
      const event: ChatEvent = { conversationId, epoch: held.get(conversationId)!.epoch, seq, type: 'message.created', at: createdAt, actorId: senderId, data: { message } };
      byConversation.set(conversationId, [...(byConversation.get(conversationId) ?? []), event]);
    }
    return [...byConversation.values()];
  }
}

/** Of a deleted message nobody knows what it was. */
function isSame({ bodyHash }: SentBefore, send: Send): boolean {
  return bodyHash === null || bodyHash.equals(send.bodyHash);
}

/** What becomes of a message that comes twice in one batch. */
function repetitionOf(first: Send, second: Send, outcome: Outcome): Outcome {
  if (outcome instanceof Error) return outcome;
  return first.bodyHash.equals(second.bodyHash) ? { ...outcome, duplicate: true } : clientIdReused();
}

/** A message answers one of its own conversation. */
function misplaced({ conversationId, replyTo, threadRoot }: Send, places: ReadonlyMap<string, string>): Error | undefined {
  for (const [path, id] of Object.entries({ replyTo, threadRoot })) {
    if (id !== null && places.get(id) !== conversationId) return notFound({ path }, `There is no message ${id} in this conversation; see path.`);
  }
  return undefined;
}
