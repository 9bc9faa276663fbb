import { randomUUID } from 'node:crypto';
import type { ManagerOptions, Socket, SocketOptions } from 'socket.io-client';
import type { Test } from 'supertest';
import type { ChatEvent, ConversationKind } from '../../src/features/chat/chat.types.js';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import type { MessageDraft, Sent } from '../../src/features/chat/messages/messages.types.js';
import type { GivenMember, TestApp } from './app.js';
import { acknowledgementOf, connectSocket } from './sockets.js';

export interface Acknowledged<T> {
  readonly ok: boolean;
  readonly data?: T;
  readonly error?: { readonly code: string; readonly message: string; readonly retryAfterMs?: number };
}

/** A conversation that `owner` has begun with others. */
export async function givenConversation({ http }: Pick<TestApp, 'http'>, owner: GivenMember, others: readonly GivenMember[], kind: ConversationKind = 'group'): Promise<Conversation> {
  const { body } = await http.post('/api/chat/conversations').set(owner.auth).send({ kind, memberIds: others.map(({ id }) => id) }).expect((answer) => {
    if (answer.status !== 201 && answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  });
  return body as Conversation;
}

/** A socket of the namespace `/chat` that notes the events it is sent. */
export async function connectChat({ url }: Pick<TestApp, 'url'>, { accessToken }: Pick<GivenMember, 'accessToken'>, options: Partial<ManagerOptions & SocketOptions> = {}): Promise<{ socket: Socket; events: ChatEvent[] }> {
  const events: ChatEvent[] = [];
  const socket = await connectSocket(`${url}/chat`, accessToken, options);
  socket.on('event', (event: ChatEvent) => events.push(event));
  return { socket, events };
}

/** The chat sockets of a test, to be closed after it. */
export function chatSockets() {
  const open: Socket[] = [];
  return {
    /** As {@link connectChat} does it. */
    connect: async (...to: Parameters<typeof connectChat>): ReturnType<typeof connectChat> => {
      const connected = await connectChat(...to);
      open.push(connected.socket);
      return connected;
    },
    /** Closes them all. */
    closeAll: (): void => open.splice(0).forEach((socket) => socket.disconnect()),
    /** Those that were connected since, in their order. */
    all: (): readonly Socket[] => open,
  };
}

/** Sends a message, under a clientId of its own where the draft has none. What is answered is for the test to say. */
export function sendByRest({ http }: Pick<TestApp, 'http'>, { auth }: Pick<GivenMember, 'auth'>, conversationId: string, draft: Partial<MessageDraft> = { text: 'hello' }): Test {
  return http.post(`/api/chat/conversations/${conversationId}/messages`).set(auth).send({ clientId: randomUUID(), ...draft });
}

export function sendBySocket(socket: Socket, conversationId: string, draft: Partial<MessageDraft> = {}): Promise<Acknowledged<Sent>> {
  return acknowledgementOf(socket, 'message.send', { conversationId, clientId: randomUUID(), text: 'hello', ...draft }) as Promise<Acknowledged<Sent>>;
}
