import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';
import { isPublicAddress } from './push-endpoint.js';

/** Where the names of hosts lead to. */
@Injectable()
export class PublicAddresses {
  /** @throws Error when there is none, or one of them is not on the public internet */
  async of(host: string): Promise<LookupAddress[]> {
    const addresses = await this.resolve(host);
    if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address))) throw new Error('the host is not on the public internet');
    return addresses;
  }

  protected resolve(host: string): Promise<LookupAddress[]> {
    return lookup(host, { all: true });
  }
}
