import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type autocannon from 'autocannon';
import { deviceToken } from '../../src/features/voting/casting/device-tokens.service.js';
import type { Config } from '../../src/platform/config/config.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { startProcess } from '../support/process.js';
import { median, type BenchRow } from './bench-table.js';
import { load, type Load } from './load.js';

const ROUNDS = 3;
const CONNECTIONS = 256;
/** Of each connection in a round: some seconds. */
const VOTES = { plaza: 80, single: 10, bare: 240 } as const;
/** Of each of a quarter of the connections: as long as the votes beside them take. */
const RESULTS = 250;
const APP_SECRET = 'bench-0123456789-0123456789-0123456789';
const ADMIN = { email: 'admin@example.org', password: 'a quiet corner desk' };

interface Poll {
  readonly id: string;
  readonly candidates: readonly { readonly id: string }[];
}

/**
 * Votes of different voters in one poll, each acknowledged when it is durable, against the same route with a
 * transaction for each vote, and against a bare Fastify that parses the same bodies. In the end the result must
 * have each vote that was answered, and no other.
 */
export async function votesBench(): Promise<BenchRow[]> {
  const bare = fork(path.join(import.meta.dirname, 'bare-fastify.mjs'));
  const [bareUrl] = (await once(bare, 'message')) as [string];
  const plaza = await BenchedPoll.start({});
  const single = await BenchedPoll.start({ NODE_OPTIONS: `--import=${pathToFileURL(path.join(import.meta.dirname, 'one-vote-a-transaction.mjs')).href}` });
  try {
    await plaza.vote(VOTES.single);
    const rounds: { plaza: Load; single: Load; bare: Load }[] = [];
    for (let number = 0; number < ROUNDS; number += 1) {
      rounds.push({
        bare: await load(bareUrl, plaza.requests(VOTES.bare).map((request) => ({ ...request, path: '/votes' })), CONNECTIONS),
        single: await single.vote(VOTES.single),
        plaza: await plaza.vote(VOTES.plaza),
      });
    }
    await Promise.all([plaza.expectAllCounted(), single.expectAllCounted()]);
    const of = (who: keyof (typeof rounds)[number], part: keyof Load) => median(rounds.map((round) => round[who][part]));
    const shared = { name: 'POST a vote, durable when answered', unit: 'votes/s', plaza: of('plaza', 'perSecond') };
    const note = `${CONNECTIONS} connections, p50 ${of('plaza', 'p50')} ms, p99 ${of('plaza', 'p99')} ms`;
    return [
      { ...shared, baseline: of('single', 'perSecond'), against: 'one transaction a vote', aim: 5, note: `${note}; one by one p50 ${of('single', 'p50')} ms, p99 ${of('single', 'p99')} ms` },
      { ...shared, baseline: of('bare', 'perSecond'), against: 'bare Fastify POST, same bodies', aim: 0.4, note },
      await resultsUnderVotes(plaza),
    ];
  } finally {
    bare.kill();
    await Promise.all([plaza.stop(), single.stop()]);
  }
}

/** The result, asked for all the while that votes come in. */
async function resultsUnderVotes(plaza: BenchedPoll): Promise<BenchRow> {
  await plaza.readResults(RESULTS);
  const alone = await plaza.readResults(RESULTS);
  const [votes, results] = await Promise.all([plaza.vote(VOTES.plaza), plaza.readResults(RESULTS)]);
  await plaza.expectAllCounted();
  return {
    name: 'GET the result while votes come in', unit: 'requests/s', plaza: results.perSecond, baseline: alone.perSecond, against: 'the same without votes',
    note: `${Math.round(votes.perSecond).toLocaleString('en-US')} votes/s beside it, p50 ${results.p50} ms, p99 ${results.p99} ms`,
  };
}

/** A server of its own, with a public poll in which every vote is another device's. */
class BenchedPoll {
  private static readonly key = new SecretKeys({ APP_SECRET } as Config).current('devices').key;
  private cast = 0;

  private constructor(
    private readonly server: Awaited<ReturnType<typeof startProcess>>,
    private readonly dataDir: string,
    private readonly poll: Poll,
  ) {}

  static async start(environment: NodeJS.ProcessEnv): Promise<BenchedPoll> {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'plaza-bench-'));
    const server = await startProcess({
      NODE_ENV: 'development', DATA_DIR: dataDir, APP_SECRET, RATE_LIMIT_SCALE: '1000000', LOG_LEVEL: 'warn', ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, ...environment,
    });
    const post = async (url: string, body: object, headers = {}): Promise<unknown> => {
      const answer = await fetch(`${server.url}${url}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
      return answer.json();
    };
    const { accessToken } = (await post('/api/sessions', ADMIN)) as { accessToken: string };
    const poll = { title: 'Which one?', method: 'single', electorate: 'public', secrecy: 'named', results: 'live', opensAt: '2024-01-01T00:00:00Z', candidates: ['A', 'B', 'C', 'D'].map((name) => ({ name })) };
    return new BenchedPoll(server, dataDir, (await post('/api/polls', poll, { authorization: `Bearer ${accessToken}` })) as Poll);
  }

  /** Votes of devices that have not voted. @param each for each connection */
  requests(each: number): autocannon.Request[] {
    const { id, candidates } = this.poll;
    return Array.from({ length: CONNECTIONS * each }, (_, i) => ({
      method: 'POST', path: `/api/polls/${id}/votes`, headers: { 'content-type': 'application/json', 'x-device-token': deviceToken(id, randomUUID(), BenchedPoll.key) },
      body: JSON.stringify({ candidateId: candidates[i % candidates.length]!.id }),
    }));
  }

  async vote(each: number): Promise<Load> {
    const result = await load(this.server.url, this.requests(each), CONNECTIONS);
    this.cast += CONNECTIONS * each;
    return result;
  }

  readResults(each: number): Promise<Load> {
    const connections = CONNECTIONS / 4;
    return load(this.server.url, Array.from({ length: connections * each }, () => ({ path: `/api/polls/${this.poll.id}/result` })), connections);
  }

  async expectAllCounted(): Promise<void> {
    const counted = async (): Promise<number> => ((await (await fetch(`${this.server.url}/api/polls/${this.poll.id}/result`)).json()) as { totalVotes: number }).totalVotes;
    // The answer may be a second old.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const votes = await counted();
    if (votes !== this.cast) throw new Error(`${this.cast} votes were answered, and ${votes} counted`);
  }

  async stop(): Promise<void> {
    this.server.kill('SIGTERM');
    await this.server.stopped;
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
