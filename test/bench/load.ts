import autocannon from 'autocannon';

/** What a load came to. Latencies are in milliseconds. */
export interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Sends each of these requests once, over so many connections: each connection sends its share, one after the other,
 * and ends, so that every answer is waited for.
 *
 * @throws Error when a request fails: the figure would be worthless
 */
export async function load(origin: string, requests: readonly autocannon.Request[], connections: number): Promise<Load> {
  const share = Math.floor(requests.length / connections);
  let started = 0;
  let ended = 0;
  let clients = 0;
  const setupClient = (client: autocannon.Client): void => {
    const first = clients * share;
    clients += 1;
    client.setRequests(requests.slice(first, first + share));
    (client as NodeJS.EventEmitter).on('done', () => (ended = performance.now()));
    // That of the last one stays: nothing is sent before they are all there.
    started = performance.now();
  };
  const amount = share * connections;
  const { '2xx': answered, errors, latency } = await autocannon({ url: origin, connections, amount, setupClient });
  if (answered !== amount || errors > 0) throw new Error(`${amount - answered + errors} requests to ${origin} failed: the figure would be worthless`);
  return { perSecond: amount / ((ended - started) / 1000), p50: latency.p50, p99: latency.p99 };
}
