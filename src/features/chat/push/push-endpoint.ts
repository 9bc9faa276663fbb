import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

const MOST_CHARACTERS = 2_000;
/** All that is handed out of IPv6 is in here; outside it are addresses that lead to IPv4 ones, too. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** An endpoint in its one spelling; undefined when it is no URL. `0x7f.1`, `2130706433` and the like become dotted here. */
export function endpointOf(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.hash = '';
  return url;
}

/** Whether the operator has named this host: it may be private, and without TLS. */
export function isTrusted({ protocol, hostname, port }: URL, trusted: readonly string[]): boolean {
  const hostAndPort = `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
  return (protocol === 'https:' || protocol === 'http:') && trusted.some((one) => one.toLowerCase() === hostAndPort);
}

/** What is wrong with an endpoint as far as its text shows it. Where its name leads to is looked at with every request. */
export function endpointFault(url: URL, trusted: readonly string[]): string | undefined {
  if (url.href.length > MOST_CHARACTERS) return `must have at most ${MOST_CHARACTERS} characters`;
  if (url.username !== '' || url.password !== '') return 'must not contain credentials';
  if (isTrusted(url, trusted)) return undefined;
  if (url.protocol !== 'https:') return 'must be an https: address';
  const host = bareHost(url);
  return isIP(host) !== 0 && !isPublicAddress(host) ? 'must be on the public internet' : undefined;
}

/** The host of a URL without the brackets around an IPv6 address. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Whether an IP address belongs to one machine on the public internet, and is written in no way that hides another one. */
export function isPublicAddress(address: string): boolean {
  // The library takes `8.8.8` and `010.0.0.1` as well.
  if (isIP(address) === 0) return false;
  // Unwraps an IPv4 address that is mapped into IPv6.
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && (!(parsed instanceof ipaddr.IPv6) || parsed.match(GLOBAL_IPV6));
}
