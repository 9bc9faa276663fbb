/**
 * The rules of credits as a program without a database: small enough to be checked by eye, and written
 * from the rules rather than from the code. Days are plain numbers; every member gains `perDay` a day.
 */
export interface ModelEntry {
  readonly kind: string;
  readonly amount: number;
  readonly balanceAfter: number;
  /** Number of the entry that a refund or a reversal is about. */
  readonly about?: number;
  /** The other side of what moved between two accounts. */
  other?: { readonly account: ModelAccount; readonly seq: number };
}

export interface ModelAccount {
  readonly accrues: boolean;
  posted: number;
  held: number;
  version: number;
  day: number;
  readonly entries: ModelEntry[];
}

interface ModelHold {
  readonly account: ModelAccount;
  readonly amount: number;
  captured: number;
  status: 'open' | 'captured' | 'released';
  lapsed: boolean;
}

export type Outcome =
  | 'ok' | 'not-found' | 'credits.insufficient' | 'credits.hold-closed' | 'credits.below-held' | 'credits.self-transfer'
  | 'credits.refund-exceeds' | 'credits.already-reversed';

export class CreditsModel {
  today = 0;
  readonly accounts: ModelAccount[];
  readonly holds: ModelHold[] = [];

  constructor(
    members: number,
    tokens: number,
    private readonly perDay: number,
    private readonly cap: number | null,
  ) {
    this.accounts = [
      ...Array.from({ length: members }, () => this.account(true, 5)),
      ...Array.from({ length: tokens }, () => this.account(false, 0)),
    ];
  }

  hold(who: number, amount: number): Outcome {
    return this.orNothing(who, (account) => {
      if (account.posted - account.held < amount) return 'credits.insufficient';
      account.held += amount;
      account.version += 1;
      this.holds.push({ account, amount, captured: 0, status: 'open', lapsed: false });
      return 'ok';
    });
  }

  /** The order of a hold sent once more. */
  holdAgain(index: number): Outcome {
    const hold = this.holds[index]!;
    if (hold.status !== 'open' || hold.lapsed) return 'credits.hold-closed';
    return this.touched(hold, 'ok');
  }

  capture(index: number, amount?: number): Outcome {
    const hold = this.holds[index]!;
    const taken = amount ?? hold.amount;
    // A refused capture is rolled back with all that its touch had done.
    if (hold.status === 'captured') return this.touched(hold, hold.captured === taken ? 'ok' : 'credits.hold-closed');
    if (hold.status === 'released' || hold.lapsed) return 'credits.hold-closed';
    this.touched(hold, 'ok');
    hold.status = 'captured';
    hold.captured = taken;
    hold.account.held -= hold.amount;
    this.post(hold.account, 'capture', -taken);
    return 'ok';
  }

  release(index: number): Outcome {
    const hold = this.holds[index]!;
    if (hold.status === 'captured') return 'credits.hold-closed';
    this.touched(hold, 'ok');
    if (hold.status === 'open') this.close(hold);
    return 'ok';
  }

  expire(index: number): void {
    this.holds[index]!.lapsed = true;
  }

  spend(who: number, amount: number): Outcome {
    return this.orNothing(who, (account) => {
      if (account.posted - account.held < amount) return 'credits.insufficient';
      this.post(account, 'spend', -amount);
      return 'ok';
    });
  }

  purchase(who: number, amount: number): Outcome {
    this.post(this.touch(who), 'purchase', amount);
    return 'ok';
  }

  adjust(who: number, amount: number): Outcome {
    return this.orNothing(who, (account) => {
      if (account.posted + amount < account.held) return 'credits.below-held';
      this.post(account, 'adjustment', amount);
      return 'ok';
    });
  }

  transfer(from: number, to: number, amount: number): Outcome {
    if (from === to) return 'credits.self-transfer';
    return this.orNothing(from, (sender) => {
      if (sender.posted - sender.held < amount) return 'credits.insufficient';
      const receiver = this.touch(to);
      this.post(sender, 'transfer', -amount);
      this.post(receiver, 'transfer', amount);
      join(sender, receiver);
      return 'ok';
    });
  }

  refund(who: number, seq: number, amount: number): Outcome {
    return this.orNothing(who, (account) => {
      const kind = account.entries[seq - 1]?.kind;
      if (kind !== 'spend' && kind !== 'capture') return 'not-found';
      this.post(account, 'refund', amount, seq);
      return net(account, seq) > 0 ? 'credits.refund-exceeds' : 'ok';
    });
  }

  reverse(who: number, seq: number): Outcome {
    const account = this.accounts[who]!;
    const entry = account.entries[seq - 1];
    if (entry === undefined) return 'not-found';
    if (account.entries.some(({ kind, about }) => kind === 'reversal' && about === seq)) return 'credits.already-reversed';
    const sides = [{ account, seq }, ...(entry.other === undefined ? [] : [entry.other])];
    return this.orNothing(who, () => {
      for (const side of sides) {
        this.touch(this.accounts.indexOf(side.account));
        const { amount } = side.account.entries[side.seq - 1]!;
        if (side.account.posted - amount < side.account.held) return 'credits.below-held';
        this.post(side.account, 'reversal', -amount, side.seq);
      }
      if (sides.length > 1) join(sides[0]!.account, sides[1]!.account);
      const root = rootOf(account, seq);
      return account.entries[root - 1]!.amount < 0 && net(account, root) > 0 ? 'credits.refund-exceeds' : 'ok';
    });
  }

  sweep(): void {
    for (const account of this.accounts) this.accrue(account);
  }

  /** Days owed are given and lapsed holds let go. */
  touch(who: number): ModelAccount {
    const account = this.accounts[who]!;
    this.accrue(account);
    for (const hold of this.holds) if (hold.account === account && hold.status === 'open' && hold.lapsed) this.close(hold);
    return account;
  }

  private account(accrues: boolean, posted: number): ModelAccount {
    const entries = posted > 0 ? [{ kind: 'signup', amount: posted, balanceAfter: posted }] : [];
    return { accrues, posted, held: 0, version: 1, day: this.today, entries };
  }

  private touched(hold: ModelHold, outcome: Outcome): Outcome {
    if (outcome === 'ok') this.touch(this.accounts.indexOf(hold.account));
    return outcome;
  }

  /** What is refused leaves nothing behind, not even what its own touch did. */
  private orNothing(who: number, work: (account: ModelAccount) => Outcome): Outcome {
    const before = this.accounts.map((account) => ({ ...account, entries: [...account.entries] }));
    const statuses = this.holds.map(({ status }) => status);
    const outcome = work(this.touch(who));
    if (outcome !== 'ok') {
      this.accounts.forEach((account, index) => {
        const { posted, held, version, day, entries } = before[index]!;
        Object.assign(account, { posted, held, version, day });
        account.entries.splice(0, account.entries.length, ...entries);
      });
      this.holds.forEach((hold, index) => (hold.status = statuses[index]!));
    }
    return outcome;
  }

  private accrue(account: ModelAccount): void {
    if (!account.accrues) return;
    let gained = false;
    for (; account.day < this.today; account.day += 1) {
      const room = this.cap === null ? this.perDay : Math.max(0, this.cap - account.posted);
      const amount = Math.min(this.perDay, room);
      if (amount === 0) continue;
      gained = true;
      account.posted += amount;
      account.entries.push({ kind: 'accrual', amount, balanceAfter: account.posted });
    }
    if (gained) account.version += 1;
  }

  private close(hold: ModelHold): void {
    hold.status = 'released';
    hold.account.held -= hold.amount;
    hold.account.version += 1;
  }

  private post(account: ModelAccount, kind: string, amount: number, about?: number): void {
    account.posted += amount;
    account.version += 1;
    account.entries.push({ kind, amount, balanceAfter: account.posted, about });
  }
}

/** The newest entries of two accounts are two sides of one thing. */
function join(one: ModelAccount, two: ModelAccount): void {
  one.entries.at(-1)!.other = { account: two, seq: two.entries.length };
  two.entries.at(-1)!.other = { account: one, seq: one.entries.length };
}

type Book = Pick<ModelAccount, 'entries'>;

/** What an entry, and all that is about it, come to. */
function net({ entries }: Book, seq: number): number {
  return entries.reduce((sum, { about }, index) => (about === seq ? sum + net({ entries }, index + 1) : sum), entries[seq - 1]!.amount);
}

function rootOf({ entries }: Book, seq: number): number {
  const { about } = entries[seq - 1]!;
  return about === undefined ? seq : rootOf({ entries }, about);
}
