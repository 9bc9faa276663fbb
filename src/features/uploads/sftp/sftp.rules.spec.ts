import { describe, expect, it } from '@jest/globals';
import { absolutePath, distinctNames, longName, placeOf } from './sftp.rules.js';

describe('paths', () => {
  it.each([
    ['.', '/'], ['', '/'], ['/', '/'], ['..', '/'], ['/../../etc/passwd', '/etc/passwd'], ['a/./b/../c', '/a/c'],
    ['//meme///x', '/meme/x'], ['meme/../../x', '/x'], ['..\\x', '/..\\x'],
  ])('%j is %j from the root', (path, absolute) => expect(absolutePath(path)).toBe(absolute));

  it.each([
    ['/', { kind: 'folder', purpose: 'generic' }],
    ['/meme/', { kind: 'folder', purpose: 'meme' }],
    ['boat.png', { kind: 'file', purpose: 'generic', name: 'boat.png' }],
    ['/avatar/me.png', { kind: 'file', purpose: 'avatar', name: 'me.png' }],
    ['/chat/../../../../x', { kind: 'file', purpose: 'generic', name: 'x' }],
    ['/Meme', { kind: 'file', purpose: 'generic', name: 'Meme' }],
  ])('%j leads to its place', (path, place) => expect(placeOf(path)).toEqual(place));

  it.each(['/export/x', '/holiday/x', '/meme/a/b', '/constructor/x', '/meme/../avatar/a/b'])('%j leads nowhere', (path) => expect(placeOf(path)).toBeUndefined());
});

describe('names in a folder', () => {
  it.each([
    [['a', 'b'], ['a', 'b']],
    [['a', 'a', 'a'], ['a', 'a (2)', 'a (3)']],
    [['a', 'a', 'a (2)'], ['a', 'a (3)', 'a (2)']],
    [['a (2)', 'a', 'a'], ['a (2)', 'a', 'a (3)']],
    [['meme', 'x'], ['meme (2)', 'x']],
    [['__proto__', '__proto__'], ['__proto__', '__proto__ (2)']],
  ])('%j become %j', (names, distinct) => expect(distinctNames(names, ['meme'])).toEqual(distinct));

  it('of a thousand that are alike are found quickly', () => {
    const names = distinctNames(Array.from({ length: 1_000 }, () => 'a'));
    expect(new Set(names).size).toBe(1_000);
    expect(names.at(-1)).toBe('a (1000)');
  });
});

it('a line of a folder reads as from ls', () => {
  expect(longName({ name: 'boat.png', folder: false, size: 1234, at: new Date('2026-03-05T10:00:00Z') })).toBe('-rw------- 1 member member         1234 Mar  5  2026 boat.png');
  expect(longName({ name: 'meme', folder: true, size: 0, at: new Date('2026-11-25T10:00:00Z') })).toBe('drwx------ 1 member member            0 Nov 25  2026 meme');
});
