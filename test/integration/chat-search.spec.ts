import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MessageIndex } from '../../src/features/chat/search/message-index.service.js';
import { WordRepository } from '../../src/features/chat/search/word.repository.js';
import { wordsOf } from '../../src/features/chat/search/word.rules.js';
import { newId } from '../../src/platform/database/columns.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
let twin: TestDatabase;
let index: MessageIndex;
/** Another process, with connections of its own. */
let twinIndex: MessageIndex;

beforeAll(async () => {
  [db, twin] = [await openTestDatabase(), await openTestDatabase()];
  await db.truncate();
  [index, twinIndex] = [db, twin].map(({ transactions, database }) => new MessageIndex(transactions, database, new WordRepository())) as [MessageIndex, MessageIndex];
});
afterAll(async () => {
  await db.close();
  await twin.close();
});

const run = (sql: string, ...values: unknown[]) => db.transactions.run((tx) => tx.write(sql, values));
const goOn = () => undefined;

async function givenConversation(): Promise<string> {
  const id = newId();
  await run(
    `INSERT INTO chat_conversation (id, kind, epoch, first_seq, last_seq, last_no, slow_mode_seconds, posting, created_at, active_at)
     VALUES (?, 'group', 1, 1, 0, 0, 0, 'all', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`, id,
  );
  return id;
}

/** Sends as the application does: the conversation's row first. */
async function send(id: string, texts: readonly string[]): Promise<void> {
  await db.transactions.run(async (tx) => {
    await tx.write('UPDATE chat_conversation SET last_no = last_no + ?, last_seq = last_seq + ? WHERE id = ?', [texts.length, texts.length, id]);
    const [row] = await tx.rows<{ lastNo: number }>('SELECT last_no AS lastNo FROM chat_conversation WHERE id = ?', [id]);
    const first = row!.lastNo - texts.length + 1;
    await tx.write('INSERT INTO chat_message (conversation_id, no, id, seq, sender_id, client_id, body, created_at, version) VALUES ?', [texts.map((text, i) => [id, first + i, newId(), first + i, newId(), newId(), text, new Date(), 1])]);
  });
}

/** Edits as the application does: the conversation's row first, the words in the same transaction; null deletes. */
async function change(of: MessageIndex, { transactions }: TestDatabase, conversationId: string, no: number, text: string | null): Promise<void> {
  await transactions.run(async (tx) => {
    await tx.write('UPDATE chat_conversation SET last_seq = last_seq + 1 WHERE id = ?', [conversationId]);
    await tx.write('UPDATE chat_message SET body = ?, version = version + 1 WHERE conversation_id = ? AND no = ?', [text, conversationId, no]);
    await of.replace(tx, { conversationId, no }, text);
  });
}

const indexed = async (id: string) => (await db.database.rows<{ no: number; word: string }>('SELECT no, word FROM chat_word WHERE conversation_id = ? ORDER BY no, word', [id])).map(({ no, word }) => `${no} ${word}`);
const indexedNo = async (id: string) => (await db.database.rows<{ no: number }>('SELECT indexed_no AS no FROM chat_search_cursor WHERE conversation_id = ?', [id]))[0]?.no;

/** The words of the texts as they are. */
async function expected(id: string): Promise<string[]> {
  const rows = await db.database.rows<{ no: number; body: string | null }>('SELECT no, body FROM chat_message WHERE conversation_id = ? ORDER BY no', [id]);
  return rows.flatMap(({ no, body }) => (body === null ? [] : wordsOf(body).sort().map((word) => `${no} ${word}`)));
}

describe('the index', () => {
  it('has the words of all messages, in as many parts as it takes', async () => {
    const id = await givenConversation();
    await send(id, Array.from({ length: 950 }, (_, i) => `message ${i}, ${i % 7 === 0 ? '公园' : 'word'}`));
    let parts = 0;
    await index.catchUp({ conversationId: id }, () => void (parts += 1));
    expect(parts).toBeGreaterThan(1);
    expect(await indexed(id)).toEqual((await expected(id)).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)));
    expect(await indexedNo(id)).toBe(950);
    await index.catchUp({ conversationId: id }, () => { throw new Error('there is nothing left'); });
  });

  it('takes few messages at once where they have many words', async () => {
    const id = await givenConversation();
    await send(id, Array.from({ length: 8 }, (_, i) => Array.from({ length: 2_000 }, (__, word) => `w${i}x${word}`).join(' ')));
    let parts = 0;
    await index.catchUp({ conversationId: id }, () => void (parts += 1));
    expect(parts).toBe(3);
    expect(await indexed(id)).toHaveLength(16_000);
  });

  it('goes on from where it was left off', async () => {
    const id = await givenConversation();
    await send(id, Array.from({ length: 500 }, (_, i) => `kept ${i}`));
    let parts = 0;
    const stop = new Error('stopped');
    await expect(index.catchUp({ conversationId: id }, () => { if ((parts += 1) > 1) throw stop; })).rejects.toBe(stop);
    expect(await indexedNo(id)).toBe(200);
    await index.catchUp({ conversationId: id }, goOn);
    expect(await indexed(id)).toEqual(await expected(id));
  });

  it('is done where the last messages are there no more', async () => {
    const id = await givenConversation();
    await send(id, ['one', 'two']);
    await run('DELETE FROM chat_message WHERE conversation_id = ?', id);
    await index.catchUp({ conversationId: id }, goOn);
    expect(await indexedNo(id)).toBe(2);
  });

  it('goes with its cursor, and is made anew', async () => {
    const id = await givenConversation();
    await send(id, ['one', 'two']);
    await index.catchUp({ conversationId: id }, goOn);
    await run('DELETE FROM chat_search_cursor WHERE conversation_id = ?', id);
    expect(await indexed(id)).toEqual([]);
    await index.catchUp({ conversationId: id }, goOn);
    expect(await indexed(id)).toEqual(['1 one', '2 two']);
  });
});

describe('a changed text', () => {
  it('is found by its new words only, and by none once deleted', async () => {
    const id = await givenConversation();
    await send(id, ['old words stay', 'another old one']);
    await index.catchUp({ conversationId: id }, goOn);
    await change(index, db, id, 1, 'new words stay');
    expect(await indexed(id)).toEqual(['1 new', '1 stay', '1 words', '2 another', '2 old', '2 one']);
    await change(index, db, id, 1, null);
    expect(await indexed(id)).toEqual(['2 another', '2 old', '2 one']);
  });

  it('waits for the indexer where it is not indexed yet', async () => {
    const id = await givenConversation();
    await send(id, ['old']);
    await change(index, db, id, 1, 'new');
    expect(await indexed(id)).toEqual([]);
    await index.catchUp({ conversationId: id }, goOn);
    expect(await indexed(id)).toEqual(['1 new']);
  });

  it('keeps the indexer out until it is committed, also in a conversation that was never indexed', async () => {
    const id = await givenConversation();
    await send(id, ['secret']);
    let indexing: Promise<void> | undefined;
    await db.transactions.run(async (tx) => {
      await tx.write('UPDATE chat_conversation SET last_seq = last_seq + 1 WHERE id = ?', [id]);
      await tx.write('UPDATE chat_message SET body = ? WHERE conversation_id = ?', ['public', id]);
      await index.replace(tx, { conversationId: id, no: 1 }, 'public');
      // Begun while nothing is committed: whenever it gets its turn, it reads what was.
      indexing ??= twinIndex.catchUp({ conversationId: id }, goOn);
    });
    await indexing;
    expect(await indexed(id)).toEqual(['1 public']);
  });

  it('leaves exactly its words, however it races with two indexers', async () => {
    for (let round = 0; round < 15; round += 1) {
      const id = await givenConversation();
      await send(id, Array.from({ length: 220 }, (_, i) => `first ${i} of round ${round}`));
      const numbers = [1, 2, 3, 100, 199, 200, 201, 219, 220];
      await Promise.all([
        index.catchUp({ conversationId: id }, goOn),
        twinIndex.catchUp({ conversationId: id }, goOn),
        ...numbers.map((no) => change(no % 2 === 0 ? index : twinIndex, no % 2 === 0 ? db : twin, id, no, no % 3 === 0 ? null : `changed ${no}`)),
        send(id, ['sent meanwhile']).then(() => index.catchUp({ conversationId: id }, goOn)),
      ]);
      await index.catchUp({ conversationId: id }, goOn);
      expect((await indexed(id)).sort()).toEqual((await expected(id)).sort());
      expect(await indexedNo(id)).toBe(221);
    }
  });
});
