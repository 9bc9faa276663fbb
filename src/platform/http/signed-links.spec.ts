import { describe, expect, it } from '@jest/globals';
import { Clock } from '../clock/clock.js';
import { loadConfig } from '../config/config.js';
import { SecretKeys } from '../config/secret-keys.js';
import { newId } from '../database/columns.js';
import { SignedLinks, type LinkQuery } from './signed-links.js';

const [OLD, NEW] = ['an old secret of the tests, 32 bytes long', 'a new secret of the tests, 32 bytes long'];
const QUARTER = 15 * 60;

/** Links as a process with these secrets makes them, so many seconds from now. */
function linksAt(seconds: number, secrets: { APP_SECRET: string; APP_SECRET_PREVIOUS?: string } = { APP_SECRET: NEW }): SignedLinks {
  const config = loadConfig({ NODE_ENV: 'test', ...secrets });
  const clock = new Clock(config);
  const now = Date.now() + seconds * 1000;
  clock.now = () => new Date(now);
  return new SignedLinks(new SecretKeys(config), clock);
}

describe('signed links', () => {
  const id = newId();
  const subject = ['file', id];

  it('are good for their time', () => {
    const link = linksAt(0).sign(subject, QUARTER);
    expect(linksAt(0).check(subject, link)).toBe('valid');
    expect(linksAt(QUARTER - 60).check(subject, link)).toBe('valid');
    expect(linksAt(QUARTER + 1).check(subject, link)).toBe('expired');
  });

  it('are refused when any character was changed, in date or out of it', () => {
    const link = linksAt(0).sign(subject, QUARTER);
    const text = [id, link.expires, link.key, link.signature].join(' ');
    for (const late of [0, 3600]) {
      for (let at = 0; at < text.length; at += 1) {
        if (text[at] === ' ') continue;
        const flipped = text[at] === '1' ? '2' : text[at]!.toUpperCase() !== text[at] ? text[at]!.toUpperCase() : '1';
        const [who, expires, key, signature] = (text.slice(0, at) + flipped + text.slice(at + 1)).split(' ');
        expect([at, linksAt(late).check(['file', who!], { expires, key, signature })]).toEqual([at, 'invalid']);
      }
    }
  });

  it('are refused when a part is missing, doubled, or moved to another subject', () => {
    const links = linksAt(0);
    const query = links.sign(subject, QUARTER);
    for (const name of ['expires', 'key', 'signature'] satisfies (keyof LinkQuery)[]) {
      expect(links.check(subject, { ...query, [name]: undefined })).toBe('invalid');
      expect(links.check(subject, { ...query, [name]: [query[name]] })).toBe('invalid');
    }
    for (const other of [['file', newId()], ['picture', id], [id], [`file","${id}`], ['file', id, query.expires]]) expect(links.check(other, query)).toBe('invalid');
  });

  it('survive a change of secrets while the old one is kept, and are then signed with the new one', () => {
    const old = linksAt(0, { APP_SECRET: OLD }).sign(subject, QUARTER);
    const rotating = linksAt(0, { APP_SECRET: NEW, APP_SECRET_PREVIOUS: OLD });
    expect(rotating.check(subject, old)).toBe('valid');
    expect(linksAt(0).check(subject, rotating.sign(subject, QUARTER))).toBe('valid');
    expect(linksAt(0).check(subject, old)).toBe('invalid');
  });
});
