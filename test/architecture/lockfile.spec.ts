import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { missingEntries, platformOf } from '../../scripts/complete-lock.js';

describe('package-lock.json', () => {
  it('has the packages of every platform, so that npm ci works on all of them', () => {
    expect(() => execFileSync(process.execPath, ['scripts/complete-lock.js', '--check'], { stdio: 'pipe' })).not.toThrow();
  });
});

describe('complete-lock', () => {
  it.each([
    ['@swc/core-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
    ['@swc/core-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
    ['@swc/core-linux-arm64-musl', { os: ['linux'], cpu: ['arm64'], libc: ['musl'] }],
    ['@swc/core-win32-x64-msvc', { os: ['win32'], cpu: ['x64'] }],
    ['@unrs/resolver-binding-android-arm-eabi', { os: ['android'], cpu: ['arm'] }],
    ['@unrs/resolver-binding-openharmony-arm64', { os: ['openharmony'], cpu: ['arm64'] }],
    ['@oxc-parser/binding-wasm32-wasi', { cpu: ['wasm32'] }],
    ['@esbuild/linux-x64', { os: ['linux'], cpu: ['x64'] }],
    ['fsevents', { os: ['darwin'] }],
    ['bufferutil', undefined],
  ])('reads from the name %s where it runs', (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });

  const parent = { version: '1.0.0', dev: true, optionalDependencies: { 'x-darwin-arm64': '1.0.0', 'x-linux-x64-gnu': '1.0.0' } };

  it('adds what is missing and only that, for development where the parent is', () => {
    const packages = { 'node_modules/x': parent, 'node_modules/x-linux-x64-gnu': { version: '1.0.0' } };
    expect(missingEntries({ packages })).toEqual({ 'node_modules/x-darwin-arm64': { version: '1.0.0', cpu: ['arm64'], dev: true, optional: true, os: ['darwin'] } });
  });

  it('puts a second version below its parent', () => {
    const packages = { 'node_modules/x': parent, 'node_modules/x-linux-x64-gnu': { version: '1.0.0' }, 'node_modules/x-darwin-arm64': { version: '2.0.0' } };
    expect(Object.keys(missingEntries({ packages }))).toEqual(['node_modules/x/node_modules/x-darwin-arm64']);
  });

  it('finds nothing to add to what it has completed', () => {
    const packages = { 'node_modules/x': parent };
    expect(missingEntries({ packages: { ...packages, ...missingEntries({ packages }) } })).toEqual({});
  });

  it('stops at a package whose name says nothing', () => {
    expect(() => missingEntries({ packages: { 'node_modules/x': { version: '1.0.0', optionalDependencies: { bufferutil: '^4.0.0' } } } })).toThrow('bufferutil');
  });
});
