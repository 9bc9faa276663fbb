import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { FileReception, type ReceivedFile } from '../file-reception.service.js';
import type { FilePurpose } from '../uploads.types.js';
import type { PutBody } from './put-body.stream.js';
import { SftpRefusal } from './sftp.errors.js';

/** A put under way. */
export interface Put {
  readonly body: PutBody;
  /** Every byte was written: the file is Plaza's to check when this resolves, and nothing of it is kept when it throws. */
  finish(): Promise<void>;
}

/** Lets what is put in over SFTP into the pipeline. */
@Injectable()
export class SftpPuts {
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly transactions: Transactions,
    private readonly reception: FileReception,
  ) {}

  /**
   * Begins a file; resolves when its bytes may come. One whose body is destroyed leaves nothing.
   *
   * @throws requestInvalid for a name that cannot be taken; fileQuota, tooManyUnfinished
   */
  async begin(memberId: string, { name, purpose }: { name: string; purpose: FilePurpose }, body: PutBody): Promise<Put> {
    const received = this.follow(this.reception.receive(memberId, { name, purpose, door: 'sftp' }, body));
    received.catch((error: Error) => body.destroy(error));
    await Promise.race([body.wanted, received]);
    return { body, finish: () => this.follow(this.finish(body, received)) };
  }

  /** Resolves when all that has begun has ended, one way or the other. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  private async finish(body: PutBody, received: Promise<ReceivedFile>): Promise<void> {
    body.finish();
    const file = await received.catch((error: unknown) => {
      // The pipeline only knows that the bytes broke off; the body knows why.
      throw body.errored instanceof SftpRefusal ? body.errored : error;
    });
    try {
      await this.transactions.run((tx) => this.reception.accept(tx, file));
    } catch (error) {
      await this.reception.abandon(file);
      throw error;
    }
  }

  private follow<T>(work: Promise<T>): Promise<T> {
    const followed = work.finally(() => this.underWay.delete(followed));
    this.underWay.add(followed);
    return followed;
  }
}
