import { describe, expect, it } from '@jest/globals';
import { Clock } from '../../platform/clock/clock.js';
import { loadConfig } from '../../platform/config/config.js';
import { SecretKeys } from '../../platform/config/secret-keys.js';
import { newId } from '../../platform/database/columns.js';
import { DownloadLinks } from './download-links.js';

const [OLD, NEW] = ['an old secret of the tests, 32 bytes long', 'a new secret of the tests, 32 bytes long'];

/** Links as a process with these secrets makes them, so many seconds from now. */
function linksAt(seconds: number, secrets: { APP_SECRET: string; APP_SECRET_PREVIOUS?: string } = { APP_SECRET: NEW }): DownloadLinks {
  const config = loadConfig({ NODE_ENV: 'test', ...secrets });
  const clock = new Clock(config);
  const now = Date.now() + seconds * 1000;
  clock.now = () => new Date(now);
  return new DownloadLinks(new SecretKeys(config), clock);
}

function open(links: DownloadLinks, link: string): string {
  const match = /^\/api\/exports\/(.*?)\/file\?(.*)$/s.exec(link);
  if (!match) return 'not-found';
  try {
    links.verify(match[1]!, Object.fromEntries(new URLSearchParams(match[2])));
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('download links', () => {
  const id = newId();

  it('open their file for a quarter of an hour', () => {
    const link = linksAt(0).sign(id);
    expect(open(linksAt(0), link)).toBe('ok');
    expect(open(linksAt(14 * 60), link)).toBe('ok');
    expect(open(linksAt(15 * 60 + 1), link)).toBe('export.link-expired');
  });

  it('are refused when any character was changed, in date or out of it', () => {
    const link = linksAt(0).sign(id);
    const query = link.indexOf('?');
    for (const late of [0, 3600]) {
      for (let at = '/api/exports/'.length; at < link.length; at += 1) {
        if (at > query - '/file'.length - 1 && at <= query) continue;
        const flipped = link[at] === '1' ? '2' : link[at]!.toUpperCase() !== link[at] ? link[at]!.toUpperCase() : '1';
        expect([at, open(linksAt(late), link.slice(0, at) + flipped + link.slice(at + 1))]).toEqual([at, 'export.link-invalid']);
      }
    }
  });

  it('are refused when a part is missing, doubled, or moved to another export', () => {
    const links = linksAt(0);
    const query = Object.fromEntries(new URLSearchParams(links.sign(id).split('?')[1]));
    for (const name of ['expires', 'key', 'signature']) {
      expect(() => links.verify(id, { ...query, [name]: undefined })).toThrow(expect.objectContaining({ code: 'export.link-invalid' }));
      expect(() => links.verify(id, { ...query, [name]: [query[name]] })).toThrow(expect.objectContaining({ code: 'export.link-invalid' }));
    }
    expect(() => links.verify(newId(), query)).toThrow(expect.objectContaining({ code: 'export.link-invalid' }));
    expect(() => links.verify(`${id}\n${query['expires']}`, query)).toThrow(expect.objectContaining({ code: 'export.link-invalid' }));
  });

  it('survive a change of secrets while the old one is kept, and are then signed with the new one', () => {
    const old = linksAt(0, { APP_SECRET: OLD }).sign(id);
    const rotating = linksAt(0, { APP_SECRET: NEW, APP_SECRET_PREVIOUS: OLD });
    expect(open(rotating, old)).toBe('ok');
    expect(open(linksAt(0), rotating.sign(id))).toBe('ok');
    expect(open(linksAt(0), old)).toBe('export.link-invalid');
  });
});
