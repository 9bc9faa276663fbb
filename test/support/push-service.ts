import { createDecipheriv, createECDH, createHmac, createPublicKey, hkdfSync, randomBytes, verify, type ECDH } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { PushPayload } from '../../src/features/chat/push/push.types.js';

/** A request as the push service got it. */
export interface PushedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface FakePushService {
  /** `127.0.0.1:<port>`, for PUSH_TRUSTED_HOSTS. */
  readonly host: string;
  /** In the order they came, refused ones included. */
  readonly received: PushedRequest[];
  /** How the next requests are answered; 201 by default. */
  answer: (response: ServerResponse, request: PushedRequest) => void;
  at(path: string): PushedRequest[];
  close(): Promise<void>;
}

/** A push service on loopback, without TLS. */
export async function startPushService(): Promise<FakePushService> {
  const server = http.createServer((incoming, response) => {
    void buffer(incoming).then((body) => {
      const request = { path: incoming.url!, headers: incoming.headers, body };
      service.received.push(request);
      service.answer(response, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const service: FakePushService = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    answer: (response) => void response.writeHead(201).end(),
    at: (path) => service.received.filter((request) => request.path === path),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return service;
}

/** A browser that has subscribed: it alone can read what is sent to it. */
export class FakeBrowser {
  private readonly curve: ECDH = createECDH('prime256v1');
  private readonly secret = randomBytes(16);
  readonly path = `/push/${randomBytes(9).toString('base64url')}`;
  readonly endpoint: string;

  constructor(private readonly service: FakePushService) {
    this.curve.generateKeys();
    this.endpoint = `http://${service.host}${this.path}`;
  }

  get subscription() {
    return { endpoint: this.endpoint, keys: { p256dh: this.curve.getPublicKey('base64url'), auth: this.secret.toString('base64url') } };
  }

  get requests(): PushedRequest[] {
    return this.service.at(this.path);
  }

  get payloads(): PushPayload[] {
    return this.requests.map(({ body }) => JSON.parse(this.decrypted(body).toString()) as PushPayload);
  }

  /** RFC 8188 with the keys of RFC 8291, written from the RFCs. */
  decrypted(body: Buffer): Buffer {
    const [salt, recordSize, idLength] = [body.subarray(0, 16), body.readUInt32BE(16), body.readUInt8(20)];
    const sender = body.subarray(21, 21 + idLength);
    const record = body.subarray(21 + idLength);
    if (record.length > recordSize) throw new Error('more than one record');
    const shared = this.curve.computeSecret(sender);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.curve.getPublicKey(), sender]);
    const pseudoRandomKey = createHmac('sha256', this.secret).update(shared).digest();
    const input = createHmac('sha256', pseudoRandomKey).update(Buffer.concat([info, Buffer.from([1])])).digest();
    const key = Buffer.from(hkdfSync('sha256', input, salt, 'Content-Encoding: aes128gcm\0', 16));
    const nonce = Buffer.from(hkdfSync('sha256', input, salt, 'Content-Encoding: nonce\0', 12));
    const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(record.subarray(-16));
    const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
    return padded.subarray(0, padded.lastIndexOf(2));
  }
}

/** What a VAPID header says, once its signature has been found to be by the key that it names. @throws Error when it is not */
export function verifiedVapid(authorization: string | undefined): { key: string; claims: { aud: string; exp: number; sub: string } } {
  const { token, key } = /^vapid t=(?<token>[\w.-]+), ?k=(?<key>[\w-]+)$/.exec(authorization ?? '')!.groups!;
  const point = Buffer.from(key!, 'base64url');
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') }, format: 'jwk' });
  const [head, claims, signature] = token!.split('.');
  if (!verify('sha256', Buffer.from(`${head}.${claims}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature!, 'base64url'))) throw new Error('not signed by its key');
  return { key: key!, claims: JSON.parse(Buffer.from(claims!, 'base64url').toString()) };
}
