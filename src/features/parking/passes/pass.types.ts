/** A public key that passes are checked with (RFC 8037). */
export interface PassKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** The key itself, base64url. */
  readonly x: string;
  /** Named in the header of the passes that it checks. */
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
}
