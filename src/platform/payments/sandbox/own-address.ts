import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** Where this process listens, for what it sends to itself. */
@Injectable()
export class OwnAddress {
  constructor(private readonly adapters: HttpAdapterHost) {}

  /** Such as `http://127.0.0.1:3000`; undefined while nothing listens. */
  get url(): string | undefined {
    // A command that serves nothing has no adapter.
    const adapter = this.adapters.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined;
    const address = (adapter?.getHttpServer() as Server | undefined)?.address();
    return address == null || typeof address === 'string' ? undefined : urlOf(address);
  }
}

/** Who listens everywhere is reached on loopback. */
export function urlOf({ address, family, port }: AddressInfo): string {
  if (family === 'IPv4') return `http://${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`;
  return `http://[${address === '::' ? '::1' : address}]:${port}`;
}
