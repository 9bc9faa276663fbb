import { requestInvalid } from '../../../platform/errors/house.errors.js';

/** One digest of RFC 9530: an algorithm and a byte sequence of RFC 8941. */
const MEMBER = /^(?<algorithm>[a-z*][a-z0-9_.*-]*)=:(?<value>(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?):$/;
const SHA256_BYTES = 32;

/**
 * The SHA-256, in hex, that a Content-Digest header promises; undefined when it promises none. Other
 * algorithms are passed over, as RFC 9530 §2 lets a recipient do.
 *
 * @throws requestInvalid when the header is malformed
 */
export function promisedSha256(header: string | undefined): string | undefined {
  let promised: string | undefined;
  for (const member of header?.split(',') ?? []) {
    const { algorithm, value } = MEMBER.exec(member.trim())?.groups ?? {};
    const digest = Buffer.from(value ?? '', 'base64');
    if (algorithm === undefined || (algorithm === 'sha-256' && digest.length !== SHA256_BYTES)) {
      throw requestInvalid({ errors: [{ path: 'Content-Digest', message: 'must look like sha-256=:<base64>:' }] });
    }
    // RFC 8941 §4.2.2: of a key that comes twice the last counts.
    if (algorithm === 'sha-256') promised = digest.toString('hex');
  }
  return promised;
}
