import { afterEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Lease } from './lease-queue.js';
import { Worker, type Work } from './worker.js';

Logger.overrideLogger(false);

const HOUR = 3_600_000;
/** Nothing happens by the clock unless a test says so. */
const STILL = { poll: HOUR, heartbeat: HOUR, lease: HOUR, drain: HOUR };

/** A latch: `wait` resolves once `open` was called. */
function latch(): { wait: Promise<void>; open: () => void } {
  let open!: () => void;
  const wait = new Promise<void>((resolve) => (open = resolve));
  return { wait, open };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Work whose queue is an array and whose jobs run until the test opens them. */
class Chores implements Work<Lease> {
  readonly name = 'chores';
  readonly concurrency: number = 2;
  queue: string[] = [];
  claims = 0;
  readonly started: string[] = [];
  readonly ended: string[] = [];
  readonly aborted: [string, unknown][] = [];
  readonly givenBack: string[] = [];
  lost = new Set<string>();
  obeys = true;
  readonly gates = new Map<string, () => void>();

  async claim(): Promise<Lease | undefined> {
    this.claims += 1;
    const id = this.queue.shift();
    return id === undefined ? undefined : { id, token: `${id}-token` };
  }

  async renew({ id }: Lease): Promise<boolean> {
    return !this.lost.has(id);
  }

  async run({ id }: Lease, signal: AbortSignal): Promise<void> {
    this.started.push(id);
    const { wait, open } = latch();
    this.gates.set(id, open);
    signal.addEventListener('abort', () => {
      this.aborted.push([id, signal.reason]);
      if (this.obeys) open();
    });
    await wait;
    if (id.startsWith('bad')) throw new Error('bad job');
    this.ended.push(id);
  }

  async giveBack({ id }: Lease): Promise<void> {
    this.givenBack.push(id);
  }
}

describe('a worker', () => {
  let worker: Worker<Lease> | undefined;
  const start = (chores: Chores, timings: Partial<typeof STILL> = {}): Worker<Lease> => {
    worker = new Worker(chores, { ...STILL, ...timings });
    worker.start();
    return worker;
  };
  afterEach(() => worker?.stop());

  it('runs as many jobs at once as it has slots, and the next when one ends', async () => {
    const chores = new Chores();
    chores.queue = ['a', 'b', 'c'];
    const { busy } = start(chores);
    expect(busy).toBe(0);
    await until(() => chores.started.length === 2);
    expect(worker!.busy).toBe(2);
    chores.gates.get('a')!();
    await until(() => chores.started.length === 3);
    expect(chores.started).toEqual(['a', 'b', 'c']);
  });

  it('looks again when woken, also when woken while it is looking', async () => {
    const chores = new Chores();
    start(chores);
    await until(() => chores.claims === 1);
    chores.queue = ['a'];
    worker!.wake();
    await until(() => chores.started.length === 1);

    const looking = latch();
    const claim = chores.claim.bind(chores);
    chores.claim = async () => {
      const nothing = await claim();
      await looking.wait;
      return nothing;
    };
    worker!.wake();
    const before = chores.claims;
    await until(() => chores.claims > before);
    chores.queue = ['b'];
    worker!.wake();
    looking.open();
    await until(() => chores.started.includes('b'));
  });

  it('looks again at each poll', async () => {
    const chores = new Chores();
    start(chores, { poll: 5 });
    await until(() => chores.claims === 3);
  });

  it('goes on after a claim or a job that failed', async () => {
    const chores = new Chores();
    const claim = chores.claim.bind(chores);
    chores.claim = () => (chores.claims === 0 ? ((chores.claims += 1), Promise.reject(new Error('database is away'))) : claim());
    chores.queue = ['bad', 'b'];
    start(chores, { poll: 5 });
    await until(() => chores.started.length === 2);
    chores.gates.get('bad')!();
    chores.gates.get('b')!();
    await until(() => worker!.busy === 0);
    expect(chores.ended).toEqual(['b']);
  });

  it('aborts a job whose lease is lost, and no other; a heartbeat that fails is no loss', async () => {
    const chores = new Chores();
    chores.queue = ['a', 'b'];
    let beats = 0;
    const renew = chores.renew.bind(chores);
    chores.renew = (job) => ((beats += 1) <= 4 ? Promise.reject(new Error('no answer')) : renew(job));
    start(chores, { heartbeat: 5 });
    await until(() => beats > 6);
    expect(chores.aborted).toEqual([]);
    chores.lost.add('a');
    await until(() => chores.aborted.length > 0);
    expect(chores.aborted).toEqual([['a', 'lease-lost']]);
  });

  it('on stop claims no more, aborts what runs, and gives it back', async () => {
    const chores = new Chores();
    chores.queue = ['a', 'b', 'c'];
    start(chores);
    await until(() => chores.started.length === 2);
    await worker!.stop();
    expect(chores.aborted).toEqual([['a', 'shutdown'], ['b', 'shutdown']]);
    expect(chores.givenBack).toEqual(['a', 'b']);
    expect(chores.queue).toEqual(['c']);
  });

  it('gives back after the drain time what does not listen', async () => {
    const chores = new Chores();
    chores.obeys = false;
    chores.queue = ['a'];
    start(chores, { drain: 20 });
    await until(() => chores.started.length === 1);
    await worker!.stop();
    expect(chores.givenBack).toEqual(['a']);
    expect(chores.ended).toEqual([]);
    chores.gates.get('a')!();
  });

  it('never claims without slots', async () => {
    class NoSlots extends Chores {
      override readonly concurrency = 0;
    }
    const chores = new NoSlots();
    start(chores, { poll: 1 }).wake();
    await worker!.stop();
    expect(chores.claims).toBe(0);
  });
});
