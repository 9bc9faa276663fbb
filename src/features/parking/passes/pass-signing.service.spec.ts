import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { loadConfig } from '../../../platform/config/config.js';
import { SecretKeys } from '../../../platform/config/secret-keys.js';
import { PassSigning } from './pass-signing.service.js';

const [FIRST, SECOND] = ['a'.repeat(32), 'b'.repeat(32)];
const signingWith = (environment: NodeJS.ProcessEnv) => new PassSigning(new SecretKeys(loadConfig({ NODE_ENV: 'test', ...environment })));
const keysOf = (signing: PassSigning) => createLocalJWKSet({ keys: [...signing.publicKeys] } as JSONWebKeySet);
const signing = signingWith({ APP_SECRET: FIRST });

it('whatever is signed is read with the public keys alone, by software written elsewhere', async () => {
  await fc.assert(
    fc.asyncProperty(fc.record({ sub: fc.string({ unit: 'binary' }), exp: fc.integer() }), async (claims) => {
      const { payload, protectedHeader } = await compactVerify(signing.sign(claims), keysOf(signing), { algorithms: ['EdDSA'] });
      expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(claims);
      expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: signing.publicKeys[0]!.kid });
    }),
    { numRuns: 30 },
  );
});

it('the same claims give the same pass', () => expect(signing.sign({ sub: 'x' })).toBe(signingWith({ APP_SECRET: FIRST }).sign({ sub: 'x' })));

it('a pass of which any character was changed is refused', async () => {
  const pass = signing.sign({ sub: '019a', spot: 'A-07' });
  for (const at of Array.from(pass.slice(0, -1), (_, index) => index)) {
    const changed = `${pass.slice(0, at)}${pass[at] === 'A' ? 'B' : 'A'}${pass.slice(at + 1)}`;
    await expect(compactVerify(changed, keysOf(signing))).rejects.toThrow();
  }
});

it('during a rotation passes of both secrets are good, new ones are of the current, and then the old ones end', async () => {
  const old = signing.sign({ sub: 'x' });
  const both = signingWith({ APP_SECRET: SECOND, APP_SECRET_PREVIOUS: FIRST });
  const after = signingWith({ APP_SECRET: SECOND });
  await expect(compactVerify(old, keysOf(both))).resolves.toBeDefined();
  expect(both.sign({ sub: 'x' })).toBe(after.sign({ sub: 'x' }));
  await expect(compactVerify(both.sign({ sub: 'x' }), keysOf(both))).resolves.toBeDefined();
  await expect(compactVerify(old, keysOf(after))).rejects.toThrow();
});

it('the public keys are public: nothing of the secret is in them', () => {
  const [x, kid] = [expect.stringMatching(/^[\w-]{43}$/), expect.stringMatching(/^[0-9a-f]{8}$/)];
  expect(signing.publicKeys).toEqual([{ kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' }]);
});
