import { describe, expect, it } from '@jest/globals';
import { Clock } from '../../../platform/clock/clock.js';
import { loadConfig } from '../../../platform/config/config.js';
import { SecretKeys } from '../../../platform/config/secret-keys.js';
import { quoteInvalid } from '../parking.errors.js';
import { QuoteTokens, type Quoted } from './quote-tokens.service.js';

const NOW = Date.parse('2026-02-10T09:00:00Z');
const [FIRST, SECOND] = ['a'.repeat(32), 'b'.repeat(32)];

/** A clock that stands where it is put. */
class StandingClock extends Clock {
  ms = NOW;
  override now(): Date {
    return new Date(this.ms);
  }
}

function opened(environment: NodeJS.ProcessEnv = { APP_SECRET: FIRST }) {
  const config = loadConfig({ NODE_ENV: 'test', ...environment });
  const clock = new StandingClock(config);
  return { clock, tokens: new QuoteTokens(new SecretKeys(config), clock) };
}

const QUOTED: Quoted = { garageId: 'garage', size: 'regular', tariffVersion: 7, startsAt: new Date('2026-03-29T00:00:00Z'), endsAt: new Date('2026-03-29T02:00:00Z') };
const refused = expect.objectContaining({ code: quoteInvalid.code });

describe('a quote', () => {
  it('says with which tariff it was made, for five minutes', () => {
    const { clock, tokens } = opened();
    const { quoteToken, expiresAt } = tokens.sign(QUOTED);
    expect(expiresAt).toEqual(new Date(NOW + 300_000));
    clock.ms = NOW + 299_999;
    expect(tokens.tariffVersionOf(quoteToken, QUOTED)).toBe(7);
    clock.ms = NOW + 300_000;
    expect(() => tokens.tariffVersionOf(quoteToken, QUOTED)).toThrow(refused);
  });

  it.each<[string, Partial<Quoted>]>([
    ['garage', { garageId: 'another' }],
    ['size', { size: 'compact' }],
    ['start', { startsAt: new Date('2026-03-29T00:15:00Z') }],
    ['end', { endsAt: new Date('2026-03-29T01:45:00Z') }],
  ])('is for no other %s', (_, change) => {
    const { tokens } = opened();
    expect(() => tokens.tariffVersionOf(tokens.sign(QUOTED).quoteToken, { ...QUOTED, ...change })).toThrow(refused);
  });

  it('of which any character was changed, left out or added is refused', () => {
    const { tokens } = opened();
    const { quoteToken } = tokens.sign(QUOTED);
    for (const at of quoteToken.split('').keys()) {
      const [head, tail] = [quoteToken.slice(0, at), quoteToken.slice(at + 1)];
      for (const altered of [`${head}${quoteToken[at] === 'A' ? 'B' : 'A'}${tail}`, head + tail, `${head}.${quoteToken.slice(at)}`]) {
        expect(() => tokens.tariffVersionOf(altered, QUOTED)).toThrow(refused);
      }
    }
    for (const altered of ['', '.', 'null', `${quoteToken}.`, `${quoteToken}=`, `${quoteToken} `]) expect(() => tokens.tariffVersionOf(altered, QUOTED)).toThrow(refused);
  });

  it('holds while the secret is rotated, and not after', () => {
    const { quoteToken } = opened().tokens.sign(QUOTED);
    expect(opened({ APP_SECRET: SECOND, APP_SECRET_PREVIOUS: FIRST }).tokens.tariffVersionOf(quoteToken, QUOTED)).toBe(7);
    expect(() => opened({ APP_SECRET: SECOND }).tokens.tariffVersionOf(quoteToken, QUOTED)).toThrow(refused);
  });
});
