import http from 'node:http';
import https from 'node:https';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import { withDeadline } from '../../../platform/jobs/deadline.js';
import { PublicAddresses } from './public-addresses.service.js';
import { bareHost, endpointFault, endpointOf, isTrusted } from './push-endpoint.js';
import type { PushAnswer } from './push.types.js';

/** For all of it, from looking up the name to the end of the answer: who waits for one sends nothing else meanwhile. */
const TIMEOUT_MS = 5_000;
/** Of an answer only the head matters. */
const MOST_ANSWER_BYTES = 16 * 1024;

/** A request for a push service. */
export interface PushRequest {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer;
}

/**
 * Sends requests to addresses that members name, so it must not be led anywhere else: what a name leads to is checked
 * each time, what was checked is what is connected to, and no answer leads on.
 */
@Injectable()
export class PushTransport implements OnModuleDestroy {
  /** Of their own, so that a connection to one of these addresses is used for nothing else. */
  private readonly agents = { secure: new https.Agent({ keepAlive: true }), plain: new http.Agent({ keepAlive: true }) };
  private readonly trusted: readonly string[];

  constructor(
    private readonly addresses: PublicAddresses,
    { PUSH_TRUSTED_HOSTS }: Config,
  ) {
    this.trusted = PUSH_TRUSTED_HOSTS;
  }

  onModuleDestroy(): void {
    this.agents.secure.destroy();
    this.agents.plain.destroy();
  }

  /** @throws Error when nobody answers in time, or the address is not one to send to */
  async post({ endpoint, headers, body }: PushRequest, stopped: AbortSignal): Promise<PushAnswer> {
    const url = endpointOf(endpoint);
    const fault = url === undefined ? 'is no address' : endpointFault(url, this.trusted);
    if (url === undefined || fault !== undefined) throw new Error(`the endpoint ${fault}`);
    return new Promise((answered, reject) => {
      withDeadline(TIMEOUT_MS, stopped, (signal) => this.exchange(url, { headers, body }, signal, answered)).catch(reject);
    });
  }

  /** @param answered is told as soon as there is an answer; this goes on until it has ended */
  private async exchange(url: URL, { headers, body }: Omit<PushRequest, 'endpoint'>, signal: AbortSignal, answered: (answer: PushAnswer) => void): Promise<void> {
    const lookup = isTrusted(url, this.trusted) ? undefined : pinned(await within(signal, this.addresses.of(bareHost(url))));
    const options = { method: 'POST', headers, signal, ...(lookup !== undefined && { lookup }) };
    await new Promise<void>((resolve, reject) => {
      const request = url.protocol === 'https:' ? https.request(url, { ...options, agent: this.agents.secure }) : http.request(url, { ...options, agent: this.agents.plain });
      request.on('response', (response) => {
        answered(answerOf(response));
        response.on('close', resolve);
        drain(response);
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

/** Answers with addresses that were checked, whatever the name leads to by now. */
function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, { all }, answer) => {
    if (all) answer(null, [...addresses]);
    else answer(null, addresses[0]!.address, addresses[0]!.family);
  };
}

/** Resolving a name cannot be stopped, but need not be waited for. */
function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
  return Promise.race([promise, aborted]);
}

function answerOf({ statusCode, headers }: http.IncomingMessage): PushAnswer {
  const retryAfter = headers['retry-after'];
  return { status: statusCode!, ...(retryAfter !== undefined && /^\d{1,9}$/.test(retryAfter) && { retryAfterSeconds: Number(retryAfter) }) };
}

/** Lets the connection be used again, unless there is more to be read than is worth that. */
function drain(response: http.IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) response.destroy();
  });
}
