import type { Socket } from 'node:net';

/** Requests without an answer beyond which no more are read. */
const MOST_ASKED = 256;
/** Bytes of answers that wait for the network beyond which no more requests are read. */
const MOST_UNSENT = 1024 * 1024;

/**
 * Listens to a client no faster than it is answered. SFTP leaves that to the client's manners: the library
 * reads on whatever comes.
 */
export class SftpInflow {
  private readonly reasons = new Set<unknown>();
  private unanswered = 0;

  /** @param onHeard called whenever the client has said something */
  constructor(
    private readonly socket: Socket,
    private readonly onHeard: () => void,
  ) {}

  /** A write came: those that wait for earlier ones are bounded by their bytes, and must not keep the earlier ones out. */
  heard(): void {
    this.onHeard();
  }

  /** Any other request came. */
  asked(): void {
    this.onHeard();
    this.unanswered += 1;
    if (this.unanswered >= MOST_ASKED) this.stop('asked', true);
  }

  /** It was answered. */
  answered(): void {
    this.unanswered -= 1;
    if (this.unanswered < MOST_ASKED / 2) this.stop('asked', false);
    this.sent();
  }

  /** An answer went out. */
  sent(): void {
    if (this.socket.writableLength <= MOST_UNSENT || this.reasons.has('unsent')) return;
    this.stop('unsent', true);
    this.socket.once('drain', () => this.stop('unsent', false));
  }

  /** @param reason nothing is read while there is one */
  stop(reason: unknown, stopped: boolean): void {
    if (stopped) this.reasons.add(reason);
    else if (!this.reasons.delete(reason)) return;
    if (this.reasons.size === 0) this.socket.resume();
    else this.socket.pause();
  }
}
