import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import ssh2 from 'ssh2';
import { Config } from '../../../platform/config/config.js';

/** What the SFTP door proves itself by. */
export interface SftpHostKey {
  readonly privateKey: string;
  /** As `ssh-keygen -l` and clients show it. */
  readonly fingerprint: string;
}

/** The door's ed25519 key: made once and kept in the data folder, so that clients meet the one they know. */
@Injectable()
export class SftpHostKeys {
  private readonly file: string;

  constructor(config: Config) {
    this.file = path.join(config.DATA_DIR, 'sftp-host-key');
  }

  /** @throws Error when the file is damaged: a new key would look like a break-in to every client */
  async load(): Promise<SftpHostKey> {
    const privateKey = (await this.read()) ?? (await this.make());
    const key = ssh2.utils.parseKey(privateKey);
    if (key instanceof Error) throw new Error(`${this.file} is damaged: restore it, or remove it and tell your members the new fingerprint`);
    return { privateKey, fingerprint: `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}` };
  }

  private async make(): Promise<string> {
    const draft = `${this.file}.${randomUUID()}`;
    await mkdir(path.dirname(this.file), { recursive: true });
    await writeFile(draft, newPrivateKey(), { mode: 0o600, flush: true });
    try {
      // Appears whole or not at all, and of two processes that start together the first wins.
      await link(draft, this.file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(draft, { force: true });
    }
    return readFile(this.file, 'utf8');
  }

  private async read(): Promise<string | undefined> {
    try {
      return await readFile(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

/** Of 3,000 keys that ssh2 1.17 made, 12 were malformed and could not be read by itself: those are thrown away. */
function newPrivateKey(): string {
  for (;;) {
    const { private: made } = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(made) instanceof Error)) return made;
  }
}
