import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { LookupAddress } from 'node:dns';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Config } from '../../../platform/config/config.js';
import { PublicAddresses } from './public-addresses.service.js';
import { PushTransport } from './push-transport.service.js';

const LOOPBACK: LookupAddress = { address: '127.0.0.1', family: 4 };
const AT_ONCE = new AbortController().signal;

/** Names lead where a test says. */
class Names extends PublicAddresses {
  constructor(private readonly addresses: readonly LookupAddress[]) {
    super();
  }

  protected override resolve(): Promise<LookupAddress[]> {
    return Promise.resolve([...this.addresses]);
  }
}

/** What is believed to be public is not looked at again: to see where a connection goes without leaving this machine. */
class BelievedPublic extends PublicAddresses {
  override of(): Promise<LookupAddress[]> {
    return Promise.resolve([LOOPBACK]);
  }
}

describe('requests to push services', () => {
  /** Nobody has business with it. */
  let canary: Server;
  let connections = 0;
  let port = 0;
  const transports: PushTransport[] = [];
  const others: http.Server[] = [];

  const transportOf = (addresses: PublicAddresses, trusted: readonly string[] = []) => {
    const transport = new PushTransport(addresses, { PUSH_TRUSTED_HOSTS: trusted } as unknown as Config);
    transports.push(transport);
    return transport;
  };
  const post = (transport: PushTransport, endpoint: string, signal = AT_ONCE) => transport.post({ endpoint, headers: { TTL: 60 }, body: Buffer.from('x') }, signal);
  const serve = async (answer: http.RequestListener): Promise<string> => {
    const server = http.createServer(answer);
    others.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  beforeEach(async () => {
    connections = 0;
    canary = https.createServer().on('connection', () => (connections += 1));
    canary.listen(0, '127.0.0.1');
    await once(canary, 'listening');
    port = (canary.address() as AddressInfo).port;
  });
  afterEach(async () => {
    for (const transport of transports.splice(0)) transport.onModuleDestroy();
    for (const server of [canary as http.Server, ...others.splice(0)]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it.each([
    ['loopback', [LOOPBACK]],
    ['a private network', [{ address: '10.0.0.1', family: 4 }]],
    ['one address of many that is private', [{ address: '8.8.8.8', family: 4 }, LOOPBACK]],
    ['an IPv4 address inside an IPv6 one', [{ address: '::ffff:127.0.0.1', family: 6 }]],
    ['nowhere', []],
  ])('go nowhere when the name leads to %s', async (_, addresses) => {
    await expect(post(transportOf(new Names(addresses)), `https://push.example.org:${port}/x`)).rejects.toThrow('not on the public internet');
    expect(connections).toBe(0);
  });

  it.each(['localhost', '127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]'])('go nowhere when the host is %s', async (host) => {
    await expect(post(transportOf(new PublicAddresses()), `https://${host}:${port}/x`)).rejects.toThrow('on the public internet');
    expect(connections).toBe(0);
  });

  it('need TLS where nobody said otherwise', async () => {
    await expect(post(transportOf(new BelievedPublic()), `http://push.example.org:${port}/x`)).rejects.toThrow('https:');
    expect(connections).toBe(0);
  });

  it('go to the address that was checked, whatever the name leads to by then', async () => {
    // This name leads nowhere: who asked again would not get here.
    await expect(post(transportOf(new BelievedPublic()), `https://push.plaza.invalid:${port}/x`)).rejects.toThrow(/SSL|TLS|socket|EPROTO|ECONNRESET|handshake/i);
    expect(connections).toBe(1);
  });

  it('follow no redirect', async () => {
    let visits = 0;
    const target = await serve((_, response) => {
      visits += 1;
      response.end();
    });
    const host = await serve((_, response) => response.writeHead(307, { location: `http://${target}/inside` }).end());
    expect(await post(transportOf(new PublicAddresses(), [host, target]), `http://${host}/x`)).toEqual({ status: 307 });
    expect(visits).toBe(0);
  });

  it('say when to come again', async () => {
    const host = await serve((_, response) => response.writeHead(429, { 'retry-after': '120' }).end());
    expect(await post(transportOf(new PublicAddresses(), [host]), `http://${host}/x`)).toEqual({ status: 429, retryAfterSeconds: 120 });
  });

  it('read no more than a little of an answer', async () => {
    let closed: Promise<unknown> | undefined;
    const host = await serve((_, response) => {
      closed = once(response, 'close');
      response.writeHead(200);
      const more = (): void => void (response.writable && response.write(Buffer.alloc(64 * 1024), more));
      more();
    });
    expect(await post(transportOf(new PublicAddresses(), [host]), `http://${host}/x`)).toEqual({ status: 200 });
    await closed;
  });

  describe('after 5 s', () => {
    // Of ours alone: those of sockets are not of this realm.
    beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'Date', 'performance'] }));
    afterEach(() => void jest.useRealTimers());

    it('end when there is no answer', async () => {
      let asked = () => undefined as void;
      const isAsked = new Promise<void>((resolve) => (asked = resolve));
      const host = await serve(() => asked());
      const posted = expect(post(transportOf(new PublicAddresses(), [host]), `http://${host}/x`)).rejects.toThrow('aborted');
      await isAsked;
      jest.advanceTimersByTime(4_999);
      expect(jest.getTimerCount()).toBe(1);
      jest.advanceTimersByTime(1);
      await posted;
    });

    it('end when nobody knows where the name leads to', async () => {
      const addresses = new (class extends PublicAddresses {
        override of = () => new Promise<never>(() => undefined);
      })();
      const posted = expect(post(transportOf(addresses), `https://push.example.org:${port}/x`)).rejects.toThrow('longer than 5000 ms');
      jest.advanceTimersByTime(5_000);
      await posted;
    });

    it('end when the answer does not', async () => {
      let closed: Promise<unknown> | undefined;
      const host = await serve((_, response) => {
        closed = once(response, 'close');
        response.writeHead(201).flushHeaders();
      });
      expect(await post(transportOf(new PublicAddresses(), [host]), `http://${host}/x`)).toEqual({ status: 201 });
      // Whoever believed it to be over would have stopped the clock by now.
      await new Promise((resolve) => setImmediate(resolve));
      jest.advanceTimersByTime(5_000);
      await closed;
    });
  });

  it('end when they are stopped', async () => {
    const stop = new AbortController();
    const host = await serve(() => stop.abort());
    await expect(post(transportOf(new PublicAddresses(), [host]), `http://${host}/x`, stop.signal)).rejects.toThrow('aborted');
  });
});
