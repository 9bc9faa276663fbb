import { afterEach, expect, it, jest } from '@jest/globals';
import type { Database } from '../../../platform/database/database.js';
import type { PollAccess } from '../poll-access.service.js';
import type { PollElectorate } from '../poll-electorate.service.js';
import type { Poll } from '../poll.types.js';
import type { PollTallyRepository } from './poll-tally.repository.js';
import type { Tally } from './results.types.js';

afterEach(() => void jest.useRealTimers());

it('counts are let go a minute after somebody has asked for them', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  // Only now, since the cache takes its clock when it is loaded.
  const { PollResults } = await import('./poll-results.service.js');
  const at = new Date();
  const poll = { id: 'p', method: 'single', electorate: 'all', quorum: null, candidates: [], version: 1, readAt: at } as unknown as Poll;
  const tally: Tally = { version: 1, ended: null, seed: '', electorateSize: null, at, votesLast10Minutes: 0, withdrawn: new Set(), rows: [] };
  let counts = 0;
  const results = new PollResults(
    {} as Database,
    { find: () => Promise.resolve(poll) } as unknown as PollAccess,
    { get: () => ((counts += 1), Promise.resolve(tally)), recent: () => Promise.resolve({ votes: 0, at }) } as unknown as PollTallyRepository,
    {} as PollElectorate,
  );
  const ask = async () => results.resultOf((await results.hold('p'))!);
  await ask();
  jest.advanceTimersByTime(59_000);
  await ask();
  jest.advanceTimersByTime(59_000);
  await ask();
  expect(counts).toBe(1);
  jest.advanceTimersByTime(61_000);
  expect(jest.getTimerCount()).toBe(0);
  await ask();
  expect(counts).toBe(2);
});
