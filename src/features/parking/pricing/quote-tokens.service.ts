import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { SecretKeys } from '../../../platform/config/secret-keys.js';
import { isSameText } from '../../../platform/http/same-text.js';
import { quoteInvalid } from '../parking.errors.js';
import type { Size, Span } from '../parking.types.js';

const VALID_MS = 5 * 60_000;

/** What a quote is for. */
export interface Quoted extends Span {
  readonly garageId: string;
  readonly size: Size;
  readonly tariffVersion: number;
}

/** Quotes as signed texts: whoever brings one back within 5 minutes pays what it says, whatever became of the tariff. */
@Injectable()
export class QuoteTokens {
  constructor(
    private readonly keys: SecretKeys,
    private readonly clock: Clock,
  ) {}

  sign({ garageId, size, tariffVersion, startsAt, endsAt }: Quoted): { quoteToken: string; expiresAt: Date } {
    const expiresAt = new Date(this.clock.now().getTime() + VALID_MS);
    const body = Buffer.from(JSON.stringify([garageId, size, startsAt.getTime(), endsAt.getTime(), tariffVersion, expiresAt.getTime()])).toString('base64url');
    return { quoteToken: `${body}.${signatureOf(body, this.keys.current('quotes').key)}`, expiresAt };
  }

  /** The version of the tariff that the quote was made with. @throws quoteInvalid when it is not ours, not for this, or too old */
  tariffVersionOf(token: string, { garageId, size, startsAt, endsAt }: Omit<Quoted, 'tariffVersion'>): number {
    const [body = '', ...signature] = token.split('.');
    const isGenuine = this.keys.live('quotes').some(({ key }) => isSameText(signature.join('.'), signatureOf(body, key)));
    if (!isGenuine) throw quoteInvalid();
    const [quotedGarage, quotedSize, from, to, tariffVersion, expiresAt] = JSON.parse(Buffer.from(body, 'base64url').toString()) as [string, Size, number, number, number, number];
    const isSame = quotedGarage === garageId && quotedSize === size && from === startsAt.getTime() && to === endsAt.getTime();
    if (!isSame || expiresAt <= this.clock.now().getTime()) throw quoteInvalid();
    return tariffVersion;
  }
}

function signatureOf(body: string, key: Buffer): string {
  return createHmac('sha256', key).update(`parking.quote\n${body}`).digest('base64url');
}
