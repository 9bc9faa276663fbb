import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { arrivalOf, carriesBytes, checksumOf, isFinal, partsOf, wordsOf } from './tus.rules.js';

const ID = '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01';
const OTHER = '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f02';
const refused = expect.objectContaining({ code: 'request.invalid' }) as unknown as Error;

describe('Upload-Concat', () => {
  it.each([
    [`final;/api/files/tus/${ID} /api/files/tus/${OTHER}`, [ID, OTHER]],
    [`final;https://plaza.example.org/api/files/tus/${OTHER} https://plaza.example.org/x/api/files/tus/${ID}/`, [OTHER, ID]],
    [`final; ${ID.toUpperCase()} `, [ID]],
  ])('names its parts: %s', (concat, ids) => {
    expect(isFinal(wordsOf({ 'upload-concat': concat }))).toBe(true);
    expect(partsOf({ concat })).toEqual(ids);
  });

  it.each(['final;', 'final;/api/files/tus/', `final;${ID} x`, `final;${ID} ${ID}`, `final;${ID}?x`])('names no parts: %s', (concat) => expect(() => partsOf({ concat })).toThrow(refused));
  it.each(['', 'final', 'Partial', 'whole'])('is refused: %s', (concat) => expect(() => wordsOf({ 'upload-concat': concat })).toThrow(refused));
});

describe('Upload-Checksum', () => {
  it.each(['sha1', 'sha256', 'sha512'])('is read: %s', (algorithm) => {
    const digest = createHash(algorithm).update('x').digest();
    expect(checksumOf({ 'upload-checksum': `${algorithm} ${digest.toString('base64')}` })).toEqual({ algorithm, digest });
  });
  it('may be left out', () => expect(checksumOf({})).toBeUndefined());
  it.each(['', 'sha1', 'md5 1B2M2Y8AsgTpgAmY7PhCfg==', 'sha1 1B2M2Y8AsgTpgAmY7PhCfg==', 'SHA1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=', 'sha1 2jmj7l5rSw0yVb_vlWAYkK_YBwk=', 'sha1  2jmj7l5rSw0yVb/vlWAYkK/YBwk='])(
    'is refused: %s',
    (header) => expect(() => checksumOf({ 'upload-checksum': header })).toThrow(refused),
  );
});

describe('the type of the bytes', () => {
  it.each([
    ['application/offset+octet-stream', true], ['Application/Offset+Octet-Stream; x=1', true], ['application/octet-stream', false], ['', false], [undefined, false],
  ])('%s: %s', (type, carries) => expect(carriesBytes({ 'content-type': type })).toBe(carries));
});

describe('an upload', () => {
  it('has the name that its metadata says, and the purpose that its address says before that', () => {
    expect(arrivalOf({}, undefined)).toEqual({ name: 'unnamed', purpose: 'generic' });
    expect(arrivalOf({ filename: 'a.png', name: 'b.png', purpose: 'meme' }, undefined)).toEqual({ name: 'a.png', purpose: 'meme' });
    expect(arrivalOf({ filename: null, name: 'b.png', purpose: null }, 'avatar')).toEqual({ name: 'b.png', purpose: 'avatar' });
    expect(() => arrivalOf({ purpose: '' }, undefined)).toThrow(refused);
  });

  it('is not described at any length', () => {
    expect(wordsOf({ 'upload-metadata': 'a'.repeat(8192) }).metadata).toHaveLength(8192);
    expect(() => wordsOf({ 'upload-metadata': 'a'.repeat(8193) })).toThrow(refused);
  });
});
