import { createReadStream } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { ScannerUnavailable, type ScanVerdict, type Scanner } from './virus-scan.js';

/** clamd itself gives a file up after 120 s, and says nothing until then. */
const SILENCE_MS = 150_000;
const MAX_ANSWER_BYTES = 4_096;

/**
 * Asks a clamd over TCP, by its command INSTREAM. Written by hand, since the client at hand reads the whole
 * file into memory, cannot be aborted, and waits for ever when the connection is closed without an answer.
 */
export class ClamdScanner implements Scanner {
  private readonly host: string;
  private readonly port: number;

  /** @param url `tcp://host:port` */
  constructor(
    url: string,
    private readonly silenceMs = SILENCE_MS,
  ) {
    const { hostname, port } = new URL(url);
    this.host = hostname.replace(/^\[|\]$/g, '');
    this.port = Number(port);
  }

  async scan(path: string, signal: AbortSignal): Promise<ScanVerdict> {
    signal.throwIfAborted();
    const socket = connect({ host: this.host, port: this.port, signal });
    socket.setTimeout(this.silenceMs, () => socket.destroy(new Error(`nothing was heard for ${this.silenceMs} ms`)));
    try {
      // It may answer, and close, before it was sent everything: then sending fails and the answer counts.
      const [answered] = await Promise.allSettled([answerOf(socket), pipeline(framed(path, signal), socket, { end: false })]);
      signal.throwIfAborted();
      if (answered.status === 'rejected') throw new ScannerUnavailable(`clamd at ${this.host}:${this.port} cannot be asked`, { cause: answered.reason });
      return verdictOf(answered.value);
    } finally {
      socket.destroy();
    }
  }
}

/** The file in chunks, each behind its length; one of no length ends it. */
async function* framed(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  yield Buffer.from('zINSTREAM\0');
  for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
    yield lengthOf(chunk);
    yield chunk;
  }
  yield lengthOf(Buffer.alloc(0));
}

function lengthOf(chunk: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(chunk.length);
  return length;
}

/** What clamd says, to the NUL that ends it or to the end of the connection. */
function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (answer.includes('\0') || answer.length > MAX_ANSWER_BYTES) settle();
    });
    const settle = () => {
      resolve(answer.split('\0', 1)[0]!.trim());
      // Whatever was still to be sent is of no use any more.
      socket.destroy();
    };
    socket.once('end', settle);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed without an answer')));
  });
}

/** @throws ScannerUnavailable when the answer is none */
function verdictOf(answer: string): ScanVerdict {
  if (/: OK$/.test(answer)) return 'clean';
  // clamd passes what is over its limits as clean, or, with AlertExceedsMax, says this.
  if (/size limit exceeded|Heuristics\.Limits\.Exceeded/i.test(answer)) return 'unscannable';
  if (/ FOUND$/.test(answer)) return 'infected';
  throw new ScannerUnavailable(`clamd answered ${JSON.stringify(answer)}`);
}
