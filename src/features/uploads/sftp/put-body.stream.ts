import { Readable } from 'node:stream';
import { SftpRefusal } from './sftp.errors.js';

/** Bytes of a put that are given on before the pipeline has taken the earlier ones. */
const BUFFERED_BYTES = 512 * 1024;
/** Beyond this the client is not listened to for now: it sends on without waiting for answers. */
const MOST_BUFFERED_BYTES = 1024 * 1024;
const MOST_WAITING = 512;
/** Bytes that may wait for earlier ones, of all puts of a connection: twice what common clients have under way at once. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** What a write takes of that at least: a flood of tiny ones fills it, too. */
const LEAST_COST = 4 * 1024;
const STALL_MS = 60_000;

/** What the puts of one connection share. */
export class PutWindow {
  private left = WINDOW_BYTES;

  /** @returns false when there is no room */
  take(data: Buffer): boolean {
    const cost = costOf(data);
    if (cost > this.left) return false;
    this.left -= cost;
    return true;
  }

  giveBack(data: Buffer): void {
    this.left += costOf(data);
  }
}

const costOf = (data: Buffer): number => Math.max(data.length, LEAST_COST);

interface Write {
  readonly data: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * The bytes of a put in their order. Clients write in parallel and so a little out of order: what comes early
 * waits in a window. A write is answered once its bytes are on their way, which is all that slows a polite
 * client down.
 */
export class PutBody extends Readable {
  /** Resolves when the first bytes are asked for. */
  readonly wanted: Promise<void>;
  private position = 0;
  private finished = false;
  private readonly early = new Map<number, Write>();
  private waiting: Write[] = [];
  private onWanted!: () => void;
  private readonly patience: NodeJS.Timeout;

  /** @param onFull told whether the client should not be listened to for now */
  constructor(
    private readonly window: PutWindow,
    private readonly onFull: (full: boolean) => void,
  ) {
    super({ highWaterMark: BUFFERED_BYTES });
    this.wanted = new Promise((resolve) => (this.onWanted = resolve));
    // Told to the client with the next answer, and to the pipeline.
    this.on('error', () => undefined);
    this.patience = setTimeout(() => this.stalled(), STALL_MS).unref();
  }

  /** Bytes given on so far. */
  get size(): number {
    return this.position;
  }

  /**
   * Takes bytes that belong at `offset`; resolves when the next may come.
   *
   * @throws SftpRefusal, which ends the whole put; what the pipeline refused it with
   */
  write(offset: number, data: Buffer): Promise<void> {
    this.patience.refresh();
    return new Promise((resolve, reject) => {
      if (this.destroyed || this.finished) reject(this.errored ?? new SftpRefusal('FAILURE', 'This upload has ended.'));
      else if (offset === this.position) this.pass({ data, resolve, reject });
      else this.keep(offset, { data, resolve, reject });
    });
  }

  /** No byte comes any more. Ends in an error where some are missing. */
  finish(): void {
    this.finished = true;
    clearTimeout(this.patience);
    if (this.early.size > 0) this.refuse('Some bytes of this file are missing, or were sent twice.');
    else this.push(null);
  }

  /** Ends the put with a refusal. */
  refuse(message: string): void {
    this.destroy(new SftpRefusal('FAILURE', message));
  }

  override _read(): void {
    this.onWanted();
    const taken = this.waiting;
    this.waiting = [];
    for (const { resolve } of taken) resolve();
    this.onFull(false);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.patience);
    const reason = error ?? new SftpRefusal('FAILURE', 'This upload has ended.');
    for (const { reject } of [...this.waiting, ...this.early.values()]) reject(reason);
    for (const { data } of this.early.values()) this.window.giveBack(data);
    this.waiting = [];
    this.early.clear();
    this.onFull(false);
    callback(error);
  }

  private pass(write: Write): void {
    for (let next: Write | undefined = write; next !== undefined && !this.destroyed; next = this.takeEarly()) {
      this.position += next.data.length;
      if (next.data.length === 0 || this.push(next.data)) next.resolve();
      else this.waiting.push(next);
    }
    if (this.waiting.length > MOST_WAITING || this.readableLength > MOST_BUFFERED_BYTES) this.onFull(true);
  }

  private keep(offset: number, write: Write): void {
    if (!Number.isSafeInteger(offset) || offset < this.position || this.early.has(offset)) this.refuse('Bytes that were sent cannot be written again.');
    else if (!this.window.take(write.data)) this.refuse('Writes are too far out of order. Send the file from its beginning to its end; resuming is for /api/files/tus.');
    if (this.destroyed) {
      write.reject(this.errored!);
      return;
    }
    // A copy: the original is a part of a packet that may be much larger.
    this.early.set(offset, { ...write, data: Buffer.from(write.data) });
  }

  private takeEarly(): Write | undefined {
    const write = this.early.get(this.position);
    if (write === undefined) return undefined;
    this.early.delete(this.position);
    this.window.giveBack(write.data);
    return write;
  }

  private stalled(): void {
    // Not the client's fault: the pipeline has not taken what came.
    if (this.waiting.length > 0) this.patience.refresh();
    else this.refuse('No byte came for a minute.');
  }
}
