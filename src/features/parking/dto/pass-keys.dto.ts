import { ApiProperty } from '@nestjs/swagger';
import type { PassKey } from '../passes/pass.types.js';

class PassKeyDto {
  @ApiProperty({ enum: ['OKP'] })
  kty: 'OKP';

  @ApiProperty({ enum: ['Ed25519'] })
  crv: 'Ed25519';

  @ApiProperty({ description: 'the public key, base64url', example: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' })
  x: string;

  @ApiProperty({ description: 'named in the header of the passes that it checks', example: '3f9a1c07' })
  kid: string;

  @ApiProperty({ enum: ['sig'] })
  use: 'sig';

  @ApiProperty({ enum: ['EdDSA'] })
  alg: 'EdDSA';
}

/** A JWK Set (RFC 7517). */
export class PassKeysDto {
  @ApiProperty({ type: [PassKeyDto], description: 'current first; two while the secret of the server is being changed' })
  keys: PassKeyDto[];

  static from(keys: readonly PassKey[]): PassKeysDto {
    return { keys: [...keys] };
  }
}
