import { PERMISSION_BITS, isPermissionName, type PermissionName } from './permissions.js';

/**
 * A set of permissions as a bitmap: bit i is `bytes[i >> 3] >> (i & 7) & 1`. Kept as bytes and never as
 * a number, which would lose bits from 53 on. Bits of unknown meaning are carried and ignored.
 */
export class PermissionSet {
  private constructor(private readonly bytes: Uint8Array) {}

  static readonly none = new PermissionSet(new Uint8Array(0));

  static of(names: Iterable<PermissionName>): PermissionSet {
    return PermissionSet.ofBits([...names].map((name) => PERMISSION_BITS[name]));
  }

  static ofBits(bits: readonly number[]): PermissionSet {
    const bytes = new Uint8Array(bits.length === 0 ? 0 : (Math.max(...bits) >> 3) + 1);
    for (const bit of bits) bytes[bit >> 3]! |= 1 << (bit & 7);
    return new PermissionSet(bytes);
  }

  /** @param text base64url of the bytes, as in the token's `perms` */
  static decode(text: string): PermissionSet {
    return new PermissionSet(Buffer.from(text, 'base64url'));
  }

  encode(): string {
    return Buffer.from(this.bytes).toString('base64url');
  }

  hasBit(bit: number): boolean {
    return (((this.bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1;
  }

  has(name: PermissionName): boolean {
    return this.hasBit(PERMISSION_BITS[name]);
  }

  /** The names of all bits this version knows, in bit order. */
  names(): PermissionName[] {
    return Object.keys(PERMISSION_BITS).filter((name): name is PermissionName => isPermissionName(name) && this.has(name));
  }
}
