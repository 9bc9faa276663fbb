import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the endpoint was asked. */
export interface AskedCompletion {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly model: string; readonly messages: readonly { readonly role: string; readonly content: string }[] };
}

export type Completion = (response: ServerResponse, asked: AskedCompletion) => Promise<void> | void;

/** A server on loopback that stands for an OpenAI-compatible endpoint: what it does is set by each test. */
export async function startAiEndpoint() {
  const asked: AskedCompletion[] = [];
  let act: Completion = says('{"upper": "one does not simply", "lower": "mock an endpoint"}');
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const ask: AskedCompletion = { path: request.url, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) };
      asked.push(ask);
      void act(response, ask);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    answer: (completion: Completion) => {
      act = completion;
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type AiEndpoint = Awaited<ReturnType<typeof startAiEndpoint>>;

/** Answers with this text, as a model would. */
export function says(content: unknown, status = 200): Completion {
  return (response) => sent(response, status, JSON.stringify({ id: 'c1', object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }] }));
}

/** Answers with these bytes. */
export function sends(text: string, status = 200): Completion {
  return (response) => sent(response, status, text);
}

function sent(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
}
