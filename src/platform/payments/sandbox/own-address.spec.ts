import { expect, it } from '@jest/globals';
import { urlOf } from './own-address.js';

it.each([
  ['127.0.0.1', 'IPv4', 'http://127.0.0.1:3000'], ['0.0.0.0', 'IPv4', 'http://127.0.0.1:3000'], ['192.168.1.7', 'IPv4', 'http://192.168.1.7:3000'],
  ['::1', 'IPv6', 'http://[::1]:3000'], ['::', 'IPv6', 'http://[::1]:3000'], ['fd00::7', 'IPv6', 'http://[fd00::7]:3000'],
])('who listens on %s is reached under an address that is a URL', (address, family, url) => {
  expect(urlOf({ address, family, port: 3000 })).toBe(url);
  expect(new URL(url).port).toBe('3000');
});
