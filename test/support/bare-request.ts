import { once } from 'node:events';
import net from 'node:net';

/** The head of a request on a connection of its own: whoever has it sends as much of a body as they like. What comes back is collected. */
export function bareRequest(url: string, method: string, path: string, headers: Readonly<Record<string, string | number>>) {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.on('error', () => undefined);
  const lines = Object.entries({ Host: 'plaza', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return { socket, answer: () => answer, closed: once(socket, 'close') };
}
