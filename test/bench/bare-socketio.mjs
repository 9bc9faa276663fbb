// A Socket.IO server that only broadcasts: what it is sent goes to everybody in the room, and is kept nowhere.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
const server = new Server(http, { perMessageDeflate: false, serveClient: false });
let seq = 0;

server.of('/chat').on('connection', (socket) => {
  void socket.join('room');
  // The same answer, and the same event, that Plaza sends.
  socket.on('message.send', ({ conversationId, clientId, text }, acknowledge) => {
    seq += 1;
    const at = new Date().toISOString();
    const message = {
      conversationId, senderId: clientId, clientId, text, replyTo: null, threadRoot: null, mentions: [], files: [], id: clientId, seq, no: seq,
      version: 1, createdAt: at, editedAt: null, deleted: false, reactions: [],
    };
    server.of('/chat').to('room').emit('event', { conversationId, epoch: 1, seq, type: 'message.created', at, actorId: clientId, data: { message } });
    acknowledge({ ok: true, data: { message, duplicate: false } });
  });
});
http.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${http.address().port}`));
