import { describe, expect, it } from '@jest/globals';
import { endpointFault, endpointOf, isPublicAddress } from './push-endpoint.js';

const PUBLIC = ['8.8.8.8', '172.15.255.255', '172.32.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'];
const PRIVATE = [
  '0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.8', '192.0.2.1',
  '192.168.0.1', '198.18.0.1', '203.0.113.5', '224.0.0.1', '240.0.0.1', '255.255.255.255',
  '::', '::1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:0:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1', '100::1', '2001::1', '2001:db8::1', '2002:7f00:1::',
  'fc00::1', 'fd00::1', 'fe80::1', 'fe80::1%lo', 'fec0::1', 'ff02::1', 'localhost', '', '8.8.8.8 ', '8.8.8',
];

it.each(PUBLIC)('%s is on the public internet', (address) => expect(isPublicAddress(address)).toBe(true));
it.each(PRIVATE)('%s is not on the public internet', (address) => expect(isPublicAddress(address)).toBe(false));

describe('an endpoint', () => {
  const TRUSTED = ['127.0.0.1:8080', 'push.lan:443', '[::1]:80'];
  const faultOf = (text: string) => {
    const url = endpointOf(text);
    return url === undefined ? 'is no address' : endpointFault(url, TRUSTED);
  };

  it.each([
    'https://fcm.googleapis.com/fcm/send/abc', 'https://updates.push.services.mozilla.com/wpush/v2/x', 'https://push.example.org:8443/x', 'https://8.8.8.8/x', 'https://[2606:4700:4700::1111]/x',
    'http://127.0.0.1:8080/x', 'https://127.0.0.1:8080/x', 'https://PUSH.lan/x', 'http://[::1]/x',
  ])('may be %s', (endpoint) => expect(faultOf(endpoint)).toBeUndefined());

  it.each([
    'http://push.example.org/x', 'http://8.8.8.8/x', 'ftp://push.example.org/x', 'file:///etc/passwd', 'data:text/plain,x', 'javascript:alert(1)', 'gopher://127.0.0.1:8080/x', 'push.example.org', '', '//push.example.org',
    'https://ada@push.example.org/x', 'https://ada:secret@push.example.org/x', 'https://:secret@push.lan/x',
    'https://127.0.0.1/x', 'https://127.1/x', 'https://2130706433/x', 'https://0x7f000001/x', 'https://0x7f.1/x', 'https://0177.0.0.1/x', 'https://017700000001/x', 'https://127.0.0.1./x', 'https://①②⑦.0.0.1/x', 'https://%31%32%37.0.0.1/x', 'https://0/x',
    'https://10.0.0.1/x', 'https://192.168.1.1/x', 'https://169.254.169.254/latest/meta-data/', 'https://100.64.0.1/x', 'https://224.0.0.1/x',
    'https://[::]/x', 'https://[::1]/x', 'https://[::127.0.0.1]/x', 'https://[::ffff:127.0.0.1]/x', 'https://[0:0:0:0:0:ffff:7f00:1]/x', 'https://[64:ff9b::127.0.0.1]/x', 'https://[2002:7f00:1::]/x', 'https://[fe80::1]/x', 'https://[fd00::1]/x', 'https://[ff02::1]/x',
    'http://127.0.0.1:8081/x', 'http://127.0.0.1/x', 'http://push.lan/x', 'http://push.lan.example.org:443/x',
    `https://push.example.org/${'x'.repeat(2_000)}`,
  ])('is refused: %s', (endpoint) => expect(faultOf(endpoint)).toEqual(expect.any(String)));
});
