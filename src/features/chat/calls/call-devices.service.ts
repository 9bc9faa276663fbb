import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { ChatSockets } from '../log/chat-sockets.js';
import { CallRepository } from './call.repository.js';

/** The sockets of this process that are in calls. */
@Injectable()
export class CallDevices {
  private readonly logger = new Logger(CallDevices.name);
  private readonly calls = new Map<string, Set<string>>();

  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly repository: CallRepository,
    private readonly sockets: ChatSockets,
  ) {}

  /** To be called after the commit with which a socket has come into a call. */
  async hold(device: string, callId: string): Promise<void> {
    this.calls.set(device, (this.calls.get(device) ?? new Set()).add(callId));
    // It may have disconnected before it was in.
    if (this.sockets.countIn(device) === 0) await this.lose(device);
  }

  release(device: string, callId: string): void {
    const held = this.calls.get(device);
    held?.delete(callId);
    if (held?.size === 0) this.calls.delete(device);
  }

  /** A socket has disconnected: its places are kept for a while. */
  async lose(device: string): Promise<void> {
    const held = this.calls.get(device);
    if (held === undefined) return;
    this.calls.delete(device);
    try {
      await this.transactions.run((tx) => this.repository.markGone(tx, [...held], { device }));
    } catch (error) {
      // Since nobody says any more that it is there, it is out a little later.
      this.logger.warn(error, 'a lost socket could not be noted');
    }
  }

  /** Says that the sockets are there, and forgets the calls that they are not in any more. */
  async markSeen(): Promise<void> {
    const before = [...this.calls].flatMap(([device, callIds]) => [...callIds].map((callId) => ({ device, callId })));
    if (before.length === 0) return;
    const [callIds, devices] = [before.map(({ callId }) => callId), [...this.calls.keys()]];
    await this.transactions.run((tx) => this.repository.markSeen(tx, callIds, devices));
    const joined = new Set((await this.repository.listJoined(this.database, callIds)).map(keyOf));
    for (const one of before) if (!joined.has(keyOf(one))) this.release(one.device, one.callId);
  }
}

function keyOf({ device, callId }: { device: string; callId: string }): string {
  return `${callId} ${device}`;
}
