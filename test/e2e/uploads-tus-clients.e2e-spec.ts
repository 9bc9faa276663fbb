import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DefaultHttpStack, Upload, type HttpRequest, type UploadOptions } from 'tus-js-client';
import type { GivenMember } from '../support/app.js';
import { idOf, TUS } from '../support/tus.js';
import { sha256Of } from '../support/uploads-files.js';
import { openUploads, type UploadsHarness } from '../support/uploads-harness.js';

const MIB = 1024 * 1024;

let plaza: UploadsHarness;
let member: GivenMember;

beforeAll(async () => {
  plaza = await openUploads();
});
beforeEach(async () => {
  member = await plaza.given.member();
});
afterAll(() => plaza.close());

type Source = ConstructorParameters<typeof Upload>[0];
const options = (more: UploadOptions = {}): UploadOptions => ({ endpoint: `${plaza.url}${TUS}`, headers: member.auth, metadata: { filename: 'garden.bin' }, retryDelays: null, ...more });
/** The address of what tus-js-client has sent. */
const send = (source: Source, more: UploadOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const upload = new Upload(source, options({ ...more, onSuccess: () => resolve(upload.url!), onError: reject }));
    upload.start();
  });
const expectFile = async (url: string, bytes: Buffer, name = 'garden.bin') => {
  const file = await plaza.until(idOf(url));
  expect(file).toMatchObject({ state: 'ready', door: 'tus', name, size: bytes.length, sha256: sha256Of(bytes) });
  expect(sha256Of(await plaza.served(file))).toBe(sha256Of(bytes));
};

describe('tus-js-client', () => {
  it.each([['in one piece', {}], ['in pieces', { chunkSize: 300_000 }], ['with its first bytes at once', { chunkSize: 300_000, uploadDataDuringCreation: true }], ['by POST alone', { chunkSize: 500_000, overridePatchMethod: true }]])(
    'sends a file %s',
    async (_, more) => {
      const bytes = randomBytes(1_000_001);
      await expectFile(await send(bytes, more), bytes);
    },
  );

  it('sends a stream whose length nobody knows', async () => {
    const bytes = randomBytes(1_500_000);
    await expectFile(await send(Readable.from([bytes.subarray(0, 700_000), bytes.subarray(700_000)]), { chunkSize: 400_000, uploadLengthDeferred: true }), bytes);
  });

  it.each([2, 4])('sends %d parts side by side', async (parallelUploads) => {
    const bytes = randomBytes(2 * MIB + 3);
    await expectFile(await send(bytes, { parallelUploads }), bytes);
    expect((await plaza.files.list(member.id, { limit: 10 })).length).toBe(1);
    expect(await plaza.quota(member)).toMatchObject({ used: bytes.length, reserved: 0, unfinished: 0 });
  });

  it('pauses and goes on, also as another process that knows only the address', async () => {
    const bytes = randomBytes(3 * MIB);
    const url = await new Promise<string>((resolve, reject) => {
      const upload = new Upload(bytes, options({
        chunkSize: MIB,
        onChunkComplete: () => void upload.abort().then(() => resolve(upload.url!)),
        onError: reject,
      }));
      upload.start();
    });
    expect((await plaza.find(idOf(url))).state).toBe('receiving');
    await expectFile(await send(bytes, { uploadUrl: url }), bytes);
  });

  it('ends an upload for good', async () => {
    const url = await new Promise<string>((resolve, reject) => {
      const upload = new Upload(randomBytes(MIB), options({
        chunkSize: 300_000,
        onChunkComplete: () => void upload.abort(true).then(() => resolve(upload.url!), reject),
        onError: reject,
      }));
      upload.start();
    });
    expect((await plaza.find(idOf(url))).state).toBe('deleted');
    expect(await plaza.quota(member)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
    expect(await plaza.resting()).toEqual([]);
  });

  it('tries again by itself when connections break at any byte', async () => {
    const bytes = randomBytes(4 * MIB);
    const proxy = await breakingProxy(plaza.url, [200_000, 900_000, 1_500_000]);
    try {
      const url = await send(bytes, { endpoint: `${proxy.url}${TUS}`, retryDelays: [0, 0, 0, 0, 0, 0] });
      expect(proxy.broken()).toBe(3);
      await expectFile(url, bytes);
    } finally {
      await proxy.close();
    }
  });
});

/** @uppy/tus reaches for the XMLHttpRequest below each request, which Node has none of. */
class StackForUppy extends DefaultHttpStack {
  override createRequest(method: string, url: string): HttpRequest {
    return Object.assign(super.createRequest(method, url), { getUnderlyingObject: () => ({}) });
  }
}

describe('@uppy/tus', () => {
  it('sends files', async () => {
    const { default: Uppy } = await import('@uppy/core');
    const { default: Tus } = await import('@uppy/tus');
    const bytes = randomBytes(700_000);
    const uppy = new Uppy().use(Tus, { endpoint: `${plaza.url}${TUS}`, headers: member.auth, chunkSize: 200_000, retryDelays: [], httpStack: new StackForUppy({}) });
    // In Node it is tus-js-client's source for Node that reads the file, and that takes no Blob.
    uppy.addFile({ name: 'meadow.bin', type: 'application/octet-stream', data: bytes as unknown as Blob });
    const result = await uppy.upload();
    expect(result!.failed).toEqual([]);
    await expectFile(result!.successful![0]!.uploadURL!, bytes, 'meadow.bin');
  });
});

/** Passes bytes on, and breaks one connection after the other once it has passed on so many. */
async function breakingProxy(target: string, breakAfter: number[]) {
  let broken = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(new URL(target).port), '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    let passed = 0;
    client.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      upstream.write(chunk);
      if (breakAfter.length === 0 || passed < breakAfter[0]!) return;
      breakAfter.shift();
      broken += 1;
      client.destroy();
      upstream.destroy();
    });
    upstream.pipe(client);
    client.on('close', () => upstream.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    broken: () => broken,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
