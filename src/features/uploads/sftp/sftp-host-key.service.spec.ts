import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import ssh2 from 'ssh2';
import type { Config } from '../../../platform/config/config.js';
import { SftpHostKeys } from './sftp-host-key.service.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'plaza-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a new host key', () => {
  it('is one that can be read, also when the library makes one that cannot', async () => {
    const sound = ssh2.utils.generateKeyPairSync;
    const makes = jest.spyOn(ssh2.utils, 'generateKeyPairSync');
    makes.mockImplementationOnce((...options: Parameters<typeof sound>) => ({ ...sound(...options), private: 'not a key' }));
    try {
      const keys = new SftpHostKeys({ DATA_DIR: folder } as Config);
      const { fingerprint } = await keys.load();
      expect(fingerprint).toMatch(/^SHA256:/);
      expect(makes.mock.calls.length).toBeGreaterThan(1);
      expect((await keys.load()).fingerprint).toBe(fingerprint);
    } finally {
      makes.mockRestore();
    }
  });
});
