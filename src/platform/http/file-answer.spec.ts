import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fileAnswer } from './file-answer.js';

const file = { name: 'memes-2026-01-31.csv', mediaType: 'text/csv; charset=utf-8', bytes: 1000, sha256: 'abc' };
const get = (headers: Record<string, string>, method = 'GET') => fileAnswer({ method, headers }, file);

describe('a file answer', () => {
  it('sends the whole file as an attachment that nobody keeps', () => {
    expect(get({})).toEqual({
      status: 200,
      body: 'whole',
      headers: {
        'Accept-Ranges': 'bytes', 'Cache-Control': 'private, no-store', 'Content-Length': '1000', 'Content-Type': 'text/csv; charset=utf-8', ETag: '"abc"',
        'Content-Disposition': `attachment; filename="memes-2026-01-31.csv"; filename*=UTF-8''memes-2026-01-31.csv`, 'X-Content-Type-Options': 'nosniff',
      },
    });
  });

  it('says the same to HEAD and sends nothing; a range is for GET only', () => {
    expect(get({ range: 'bytes=0-1' }, 'HEAD')).toEqual({ ...get({}), body: undefined });
  });

  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=0-', 0, 999],
    ['bytes=990-5000', 990, 999],
    ['bytes=-10', 990, 999],
    ['bytes=-5000', 0, 999],
    ['Bytes=5-6', 5, 6],
  ])('sends %s as part %i to %i', (range, start, end) => {
    const answer = get({ range });
    expect(answer).toMatchObject({ status: 206, body: { start, end } });
    expect(answer.headers).toMatchObject({ 'Content-Range': `bytes ${start}-${end}/1000`, 'Content-Length': String(end - start + 1) });
  });

  it.each(['bytes=1000-', 'bytes=5000-6000', 'bytes=-0'])('answers 416 to %s', (range) => {
    expect(get({ range })).toMatchObject({ status: 416, headers: { 'Content-Range': 'bytes */1000' } });
    expect(get({ range }).body).toBeUndefined();
  });

  it.each(['bytes=0-1,5-6', 'rows=0-1', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=a-b', 'bytes=0x1-2', '0-1'])('ignores %s and sends the whole file', (range) => {
    expect(get({ range })).toMatchObject({ status: 200, body: 'whole' });
  });

  it('answers 416 to any range of an empty file, and sends it whole otherwise', () => {
    const empty = { ...file, bytes: 0 };
    expect(fileAnswer({ method: 'GET', headers: { range: 'bytes=0-' } }, empty).status).toBe(416);
    expect(fileAnswer({ method: 'GET', headers: { range: 'bytes=-5' } }, empty).status).toBe(416);
    expect(fileAnswer({ method: 'GET', headers: {} }, empty)).toMatchObject({ status: 200, body: 'whole' });
  });

  it.each([
    ['"abc"', 206],
    ['"other"', 200],
    ['W/"abc"', 200],
    ['Sat, 31 Jan 2026 12:00:00 GMT', 200],
  ])('with If-Range: %s answers %i', (ifRange, status) => {
    expect(get({ range: 'bytes=0-1', 'if-range': ifRange }).status).toBe(status);
  });

  it.each(['"abc"', 'W/"abc"', '*', '"x", "abc"'])('answers 304 to If-None-Match: %s, before any range', (tag) => {
    expect(get({ 'if-none-match': tag, range: 'bytes=0-1' })).toMatchObject({ status: 304, headers: { ETag: '"abc"' } });
  });

  it('gives every name a safe ASCII form and its real one', () => {
    const { headers } = fileAnswer({ method: 'GET', headers: {} }, { ...file, name: 'größe "1"\r\n%(x).csv' });
    expect(headers['Content-Disposition']).toBe(
      `attachment; filename="gr__e _1____(x).csv"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22%0D%0A%25%28x%29.csv`,
    );
  });

  it('may be shown in place, and kept by who asks each time whether it is still good', () => {
    const cacheControl = 'private, no-cache';
    const answer = (headers: Record<string, string>) => fileAnswer({ method: 'GET', headers }, { ...file, inline: true, cacheControl });
    for (const range of ['', 'bytes=0-1']) {
      expect(answer({ range }).headers).toMatchObject({ 'Content-Disposition': `inline; filename="memes-2026-01-31.csv"; filename*=UTF-8''memes-2026-01-31.csv`, 'Cache-Control': cacheControl });
    }
    expect(answer({ 'if-none-match': '"abc"' })).toEqual({ status: 304, headers: { ETag: '"abc"', 'Cache-Control': cacheControl } });
  });

  it.each([
    ['quotes and a backslash', `a"b\\c.txt`, 'a_b_c.txt', 'a%22b%5Cc.txt'],
    ['what ends a parameter', 'a; filename=b.exe', 'a; filename=b.exe', 'a%3B%20filename%3Db.exe'],
    ['controls of the writing direction', 'photo\u202egnp.exe', 'photo_gnp.exe', 'photo%E2%80%AEgnp.exe'],
    ['emoji, each one character', '😀👍🏽.png', '___.png', '%F0%9F%98%80%F0%9F%91%8D%F0%9F%8F%BD.png'],
    ['what RFC 8187 does not take as it is', `it's (1)*.txt`, `it's (1)*.txt`, 'it%27s%20%281%29%2A.txt'],
    ['a name of 300 bytes', 'é'.repeat(150), '_'.repeat(150), '%C3%A9'.repeat(150)],
  ])('spells %s so that nobody misreads it', (_, name, ascii, encoded) => {
    const { headers } = fileAnswer({ method: 'GET', headers: {} }, { ...file, name });
    expect(headers['Content-Disposition']).toBe(`attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`);
  });

  it('never sends a byte outside the file', () => {
    const header = fc.oneof(fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]) => `bytes=${a}-${b}`), fc.nat(30).map((n) => `bytes=-${n}`), fc.string());
    fc.assert(
      fc.property(header, fc.nat(20), (range, bytes) => {
        const { status, body, headers } = fileAnswer({ method: 'GET', headers: { range } }, { ...file, bytes });
        if (status !== 206 || body === undefined || body === 'whole') return;
        expect(body.start).toBeGreaterThanOrEqual(0);
        expect(body.end).toBeGreaterThanOrEqual(body.start);
        expect(body.end).toBeLessThan(bytes);
        expect(headers['Content-Length']).toBe(String(body.end - body.start + 1));
      }),
    );
  });
});
