import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { WordRepository, type IndexedWord, type Lagging } from './word.repository.js';
import { wordsOf } from './word.rules.js';

/** What one transaction takes on. */
const MESSAGES_IN_A_PART = 200;
const WORDS_IN_A_PART = 5_000;

/**
 * Keeps the words of messages, by which they are searched. Sending pays nothing for it: the words of new messages are
 * put in when somebody searches, or by a task. Those of a changed text go at once, in the transaction that changes it.
 */
@Injectable()
export class MessageIndex {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly words: WordRepository,
  ) {}

  /**
   * Puts in what there is at this moment, in parts.
   *
   * @param of only conversations that a member may read, or only one of them; all without it
   * @param mayGoOn asked before each part: it throws where it is to end
   */
  async catchUp(of: { memberId?: string; conversationId?: string }, mayGoOn: () => void): Promise<void> {
    for (const lagging of await this.words.listLagging(this.database, of)) {
      let isDone = false;
      while (!isDone) {
        mayGoOn();
        isDone = await this.transactions.run((tx) => this.part(tx, lagging));
      }
    }
  }

  /**
   * Has a message found by its new text only; to be called in the transaction that changes the text, before or after
   * it writes it.
   *
   * @param text null when it is deleted
   */
  async replace(tx: Tx, { conversationId, no }: { readonly conversationId: string; readonly no: number }, text: string | null): Promise<void> {
    // What is not indexed yet will be read with its new text: its conversation is taken until that is committed.
    if (no > (await this.words.take(tx, conversationId))) return;
    await this.words.delete(tx, conversationId, no);
    await this.words.insert(tx, inOrder(indexedWords(conversationId, no, text)));
  }

  /** Forgets the words of all messages of a conversation up to one, which go in this transaction. */
  async forget(tx: Tx, conversationId: string, upToNo: number): Promise<void> {
    await this.words.take(tx, conversationId);
    await this.words.deleteUpTo(tx, conversationId, upToNo);
  }

  /** @returns whether all is indexed that was to be */
  private async part(tx: Tx, { conversationId, lastNo }: Lagging): Promise<boolean> {
    let indexedNo = await this.words.take(tx, conversationId);
    if (indexedNo >= lastNo) return true;
    const texts = await this.words.listTexts(tx, conversationId, indexedNo, MESSAGES_IN_A_PART);
    const words: IndexedWord[] = [];
    for (const { no, text } of texts) {
      if (words.length >= WORDS_IN_A_PART) break;
      words.push(...indexedWords(conversationId, no, text));
      indexedNo = no;
    }
    // What is missing at the end is not there any more: numbers are given in order.
    if (texts.length === 0) indexedNo = lastNo;
    await this.words.insert(tx, inOrder(words));
    await this.words.settle(tx, conversationId, indexedNo);
    return indexedNo >= lastNo;
  }
}

function indexedWords(conversationId: string, no: number, text: string | null): IndexedWord[] {
  return text === null ? [] : wordsOf(text).map((word) => ({ conversationId, word, no }));
}

function inOrder(words: IndexedWord[]): IndexedWord[] {
  return words.sort((a, b) => (a.word === b.word ? a.no - b.no : a.word < b.word ? -1 : 1));
}
