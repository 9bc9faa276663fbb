import { describe, expect, it } from '@jest/globals';
import { PermissionSet } from '../../../platform/auth/permission-set.js';
import type { Actor } from '../../../platform/auth/actor.js';
import type { PermissionName } from '../../../platform/auth/permissions.js';
import type { Meme } from '../entities/meme.js';
import { captionOf, changesOf, hasWords, isKnownTo, mayChange, mayEdit, templateOf, type MemeEdit } from './making.rules.js';

const actor = (memberId: string, ...permissions: PermissionName[]): Actor => ({ memberId, role: 'member', permissionVersion: 1, permissions: PermissionSet.of(permissions) });
const maker = actor('maker');
const other = actor('other');
const moderator = actor('moderator', 'memes.moderate');
const subscriber = actor('other', 'memes.ai');

const meme = (about: Partial<Meme> = {}): Meme => ({
  id: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01', externalId: null, template: 'Plant', caption: 'up down', upper: 'up', lower: 'down', language: null,
  imageUrl: '/api/memes/render/019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01/up/down.webp', fileId: 'file', lat: null, lon: null, tags: ['green'], rating: 'unrated', kind: 'normal',
  status: 'visible', likes: 0, createdBy: 'maker', createdAt: new Date(0), changeSeq: 1, trend: null, pictureHash: null, ...about,
});

describe('who knows of a meme', () => {
  it.each<[string, Partial<Meme>, Actor[]]>([
    ['a visible one: everybody', {}, [maker, other, moderator, subscriber]],
    ['one that waits: its maker and moderators', { status: 'pending' }, [maker, moderator]],
    ['one taken down: its maker and moderators', { status: 'hidden' }, [maker, moderator]],
    ['a deleted one: nobody', { status: 'deleted' }, []],
    ['a generated one: who is entitled to them', { kind: 'ai' }, [subscriber]],
    ['a generated one of their own: nobody who is not (any more)', { kind: 'ai', createdBy: 'maker' }, [subscriber]],
    ['a generated one that waits: not everybody who is entitled', { kind: 'ai', status: 'pending' }, []],
    ['an imported one that waits: moderators', { createdBy: null, status: 'pending' }, [moderator]],
  ])('%s', (_, about, known) => {
    expect([maker, other, moderator, subscriber].filter((one) => isKnownTo(one, meme(about)))).toEqual(known);
  });
});

describe('who may change a meme', () => {
  it('its maker, and moderators; of an imported one moderators alone', () => {
    expect([maker, other, moderator].map((one) => mayChange(one, meme()))).toEqual([true, false, true]);
    expect([maker, other, moderator].map((one) => mayChange(one, meme({ createdBy: null })))).toEqual([false, false, true]);
  });

  it.each<[MemeEdit, boolean]>([
    [{ upper: 'x' }, true],
    [{}, true],
    [{ status: 'visible' }, false],
    [{ upper: 'x', rating: 'safe' }, false],
    [{ status: undefined, rating: undefined, lower: 'y' }, true],
  ])('its maker edits it by %j: %s', (edit, may) => {
    expect(mayEdit(maker, meme(), edit)).toBe(may);
    expect(mayEdit(other, meme(), edit)).toBe(false);
    expect(mayEdit(moderator, meme(), edit)).toBe(true);
  });
});

describe('an edit', () => {
  it('changes only what is different', () => {
    expect(changesOf(meme(), { upper: 'up', tags: ['green'], lat: null, lon: null, template: undefined, status: 'visible' })).toEqual({});
    expect(changesOf(meme(), { tags: [], language: 'en', lat: 0, lon: 0, rating: 'safe' })).toEqual({ tags: [], language: 'en', lat: 0, lon: 0, rating: 'safe' });
    expect(changesOf(meme(), { language: 'null' })).toEqual({ language: 'null' });
    expect(changesOf(meme({ lat: 1, lon: 2 }), { lat: null, lon: null })).toEqual({ lat: null, lon: null });
  });

  it('of the words makes another caption, and another picture of the same template', () => {
    expect(changesOf(meme(), { lower: 'a/b' })).toEqual({ lower: 'a/b', caption: 'up a/b', imageUrl: '/api/memes/render/019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01/up/a~sb.webp' });
    expect(changesOf(meme({ imageUrl: '/api/memes/render/Caf%C3%A9__%2520/up/down.webp', template: 'Other' }), { upper: '' })).toEqual({
      upper: '', caption: 'down', imageUrl: '/api/memes/render/Caf%C3%A9__%2520/_/down.webp',
    });
  });

  it('leaves a picture that lies elsewhere, and a caption that says more, unless the words change', () => {
    const imported = meme({ imageUrl: 'https://example.org/api/memes/render/a/b.webp', caption: 'up down by Ada' });
    expect(changesOf(imported, { tags: ['x'], upper: 'up' })).toEqual({ tags: ['x'] });
    expect(changesOf(imported, { upper: 'UP' })).toEqual({ upper: 'UP', caption: 'UP down' });
  });
});

it.each([
  ['', '', ''],
  ['up', '', 'up'],
  ['', 'down', 'down'],
  [' up ', ' down ', 'up   down'],
])('the caption of %j and %j is %j', (upper, lower, caption) => expect(captionOf(upper, lower)).toBe(caption));

it.each([
  [{ upper: '', lower: '', tags: [] }, false],
  [{ upper: ' \n', lower: '\u3000', tags: [] }, false],
  [{ upper: '', lower: '', tags: ['x'] }, true],
  [{ upper: '', lower: 'x', tags: [] }, true],
])('%j can be found: %s', (words, found) => expect(hasWords(words)).toBe(found));

it.each([
  ['Coffee Machine.jpeg', 'Coffee Machine'],
  ['archive.tar.gz', 'archive.tar'],
  ['plain', 'plain'],
  ['.hidden', '.hidden'],
  ['dot.', 'dot.'],
])('the template of a file %j is %j', (name, template) => expect(templateOf(name)).toBe(template));
