import { once } from 'node:events';
import SftpClient from 'ssh2-sftp-client';
import ssh2, { type Client, type ConnectConfig, type SFTPWrapper } from 'ssh2';
import { SftpServer } from '../../src/features/uploads/sftp/sftp.server.js';
import type { TestApp } from './app.js';

export interface SftpUser {
  readonly email: string;
  readonly password: string;
}

/** Where the application's SFTP door listens, and who comes. */
export function sftpAccess({ app }: TestApp, { email, password }: SftpUser): ConnectConfig {
  return { host: '127.0.0.1', port: app.get(SftpServer, { strict: false }).port!, username: email, password };
}

/** A client as people use it. */
export async function connectSftp(app: TestApp, user: SftpUser): Promise<SftpClient> {
  const client = new SftpClient('test', { error: () => undefined, end: () => undefined, close: () => undefined });
  await client.connect({ ...sftpAccess(app, user), retries: 1 } as SftpClient.ConnectOptions);
  return client;
}

/** A bare SSH connection that has signed in, for what no client would do. Rejects when it is refused. */
export function connectSsh(app: TestApp, user: SftpUser, extra: ConnectConfig = {}): Promise<Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client));
    client.on('error', reject);
    client.once('close', () => reject(new Error('the door hung up')));
    client.connect({ ...sftpAccess(app, user), strictVendor: false, ...extra });
  });
}

export function openSftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp))));
}

/** What a call with a callback came to. */
export function called<T>(call: (done: (error: Error | null | undefined, result: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => call((error, result) => (error ? reject(error) : resolve(result))));
}

/** Resolves when the door has hung up. */
export const hungUp = (client: Client): Promise<unknown> => once(client, 'close');
