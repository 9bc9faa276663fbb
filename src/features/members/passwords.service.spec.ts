import { describe, expect, it, jest } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import { Passwords } from './passwords.service.js';

const passwords = new Passwords();

describe('passwords', () => {
  it('are argon2id with 19 MiB, two passes, one lane, and another salt each', async () => {
    const [first, second] = await Promise.all([passwords.hash('a quiet corner desk'), passwords.hash('a quiet corner desk')]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(first).not.toBe(second);
  });

  it('are told right from wrong', async () => {
    const kept = await passwords.hash('a quiet corner desk');
    expect(await passwords.verify(kept, 'a quiet corner desk')).toBe(true);
    for (const wrong of ['', 'A quiet corner desk', 'a quiet corner desk ', kept]) expect(await passwords.verify(kept, wrong)).toBe(false);
  });

  it('of nobody are never right, the decoy\'s included', async () => {
    for (const nobody of [null, undefined]) for (const password of ['', 'there is no such member']) expect(await passwords.verify(nobody, password)).toBe(false);
  });

  it('of nobody take as much work as a wrong one', async () => {
    const counted = new Passwords();
    const kept = await counted.hash('a quiet corner desk');
    const limit = jest.fn(counted['limit']);
    Object.assign(counted as object, { limit });
    const workFor = async (passwordHash: string | undefined): Promise<number> => {
      limit.mockClear();
      await counted.verify(passwordHash, 'not the password');
      return limit.mock.calls.length;
    };
    expect(await workFor(undefined)).toBe(await workFor(kept));
    expect(await workFor(undefined)).toBe(1);
  });

  it('are hashed anew when the parameters have grown, and not when they are as good', async () => {
    const weaker = (options: object) => hash('x', { memoryCost: 19_456, timeCost: 2, parallelism: 1, ...options });
    expect(passwords.isOutdated(await weaker({}))).toBe(false);
    expect(passwords.isOutdated(await weaker({ timeCost: 3 }))).toBe(false);
    expect(passwords.isOutdated(await weaker({ timeCost: 1 }))).toBe(true);
    expect(passwords.isOutdated(await weaker({ memoryCost: 8_192 }))).toBe(true);
  });
});
