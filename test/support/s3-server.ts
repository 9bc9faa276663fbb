import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const BUCKET = 'plaza-test';

export interface S3Server {
  /** What configures Plaza to keep its files there; a bucket `deny-<status>-<code>` answers everything so. */
  readonly environment: Readonly<Record<'STORAGE' | 'S3_ENDPOINT' | 'S3_BUCKET' | 'S3_ACCESS_KEY_ID' | 'S3_SECRET_ACCESS_KEY', string>>;
  /** Puts as many files of one byte into a folder, past its protocol: thousands of requests would take long. */
  fill(folder: string, files: number): Promise<void>;
  stop(): Promise<void>;
}

/** A real S3 server, `s3rver`, in a process of its own and with an empty bucket. It checks signatures and lengths, and no checksums. */
export async function startS3Server(): Promise<S3Server> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'plaza-s3-'));
  // s3rver ciphers its continuation tokens with DES, which OpenSSL 3 knows only so.
  const child = spawn(process.execPath, ['--openssl-legacy-provider', path.join(import.meta.dirname, 's3-server-child.mjs'), folder, BUCKET], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [port] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(() => Promise.reject(new Error('the S3 server ended before it listened'))),
  ])) as [string];
  return {
    // The keys that s3rver knows.
    environment: { STORAGE: 's3', S3_ENDPOINT: `http://127.0.0.1:${port}`, S3_BUCKET: BUCKET, S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER' },
    fill: async (prefix, files) => {
      await mkdir(path.join(folder, BUCKET, prefix), { recursive: true });
      for (let n = 0; n < files; n += 1) await writeFile(path.join(folder, BUCKET, prefix, `${n}._S3rver_object`), 'x');
    },
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
