import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../platform/database/transactions.js';

/** The SQL on `meme_feed`: one written counter, whose lock is held until the commit, so that numbers commit in their order. */
@Injectable()
export class MemeFeedRepository {
  /** The next number. Everybody else who writes memes waits from here until this transaction ends: take it late. */
  async next(tx: Tx): Promise<number> {
    const advance = () => tx.write('UPDATE meme_feed SET seq = seq + 1 WHERE id = 1');
    if ((await advance()) === 0) {
      await tx.write('INSERT INTO meme_feed (id, seq) VALUES (1, 0) ON DUPLICATE KEY UPDATE id = id');
      await advance();
    }
    return this.last(tx);
  }

  /** The number of the last change; 0 before the first. */
  async last(reader: Reader): Promise<number> {
    const [row] = await reader.rows<{ seq: number }>('SELECT seq FROM meme_feed WHERE id = 1');
    return row?.seq ?? 0;
  }
}
