import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Config } from '../config/config.js';

const CHANNEL = 'plaza:bus';

interface Message {
  readonly from: string;
  readonly topic: string;
  readonly payload: unknown;
}

/**
 * Tells the other processes what they would otherwise learn later, or need not know at all: a message may be lost,
 * and nothing may rest on it. Without Redis there is nobody to tell.
 */
@Injectable()
export class ProcessBus implements OnApplicationShutdown {
  /** Names this process among the others, until it ends. */
  readonly processId = crypto.randomUUID();
  /** Resolves when others can be told, and are heard, for the first time: never where there is nobody. */
  readonly connected: Promise<void> = new Promise(() => undefined);
  private readonly logger = new Logger(ProcessBus.name);
  private readonly listeners = new Map<string, (payload: never, processId: string) => void>();
  private readonly speaker: Redis | undefined;
  private readonly hearer: Redis | undefined;

  constructor({ REDIS_URL: url }: Config) {
    if (url === undefined) return;
    // What cannot be told now need not be told later.
    this.speaker = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    this.hearer = new Redis(url, { maxRetriesPerRequest: null });
    for (const client of [this.speaker, this.hearer]) client.on('error', ({ message }: Error) => this.logger.warn(`Redis: ${message}`));
    const isReady = new Promise((resolve) => this.speaker!.once('ready', resolve));
    const hears = this.hearer.subscribe(CHANNEL);
    hears.catch((error: unknown) => this.logger.warn(error, 'could not listen to the other processes'));
    this.connected = Promise.all([isReady, hears]).then(() => undefined, () => new Promise(() => undefined));
    this.hearer.on('message', (_channel, text) => this.hear(text));
  }

  publish(topic: string, payload: unknown): void {
    this.speaker?.publish(CHANNEL, JSON.stringify({ from: this.processId, topic, payload } satisfies Message)).catch((error: unknown) => this.logger.debug(error, 'nobody was told'));
  }

  /** @param listener of what other processes say; each topic has one */
  on<Payload>(topic: string, listener: (payload: Payload, processId: string) => void): void {
    this.listeners.set(topic, listener);
  }

  onApplicationShutdown(): void {
    this.speaker?.disconnect();
    this.hearer?.disconnect();
  }

  private hear(text: string): void {
    try {
      const { from, topic, payload } = JSON.parse(text) as Message;
      if (from === this.processId) return;
      this.listeners.get(topic)?.(payload as never, from);
    } catch (error) {
      this.logger.error(error, 'what another process said could not be heard');
    }
  }
}
