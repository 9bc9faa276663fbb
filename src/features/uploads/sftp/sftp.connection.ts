import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { AuthContext, Connection, Session } from 'ssh2';
import type { Login, Logins } from '../../../platform/auth/logins.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { rateLimited } from '../../../platform/errors/house.errors.js';
import type { SftpFolders } from './sftp-folders.service.js';
import type { SftpPuts } from './sftp-puts.service.js';
import { SftpInflow } from './sftp.inflow.js';
import { SftpSession } from './sftp.session.js';

const MOST_ATTEMPTS = 6;
/** In all, one after the other: the library remembers those that came to nothing for as long as the connection lasts. */
const MOST_SESSIONS = 100;
/** A person at a prompt may think; a client that does nothing at all is shown out. */
const IDLE_MS = 10 * 60_000;
/** Who does not hang up when told to is hung up on. */
const LINGER_MS = 1_000;

/** What a connection needs of the door. */
export interface SftpServices {
  readonly logins: Logins;
  readonly puts: SftpPuts;
  readonly folders: SftpFolders;
}

/** One client's connection: who it is, and that nothing but SFTP is spoken. */
export class SftpConnection {
  private readonly logger = new Logger('sftp');
  private readonly inflow: SftpInflow;
  private readonly patience = setTimeout(() => this.leave(), IDLE_MS).unref();
  private attempts = 0;
  private login: Login | undefined;
  /** One session at a time: what it may have open bounds what a connection can cost. */
  private occupied = false;
  private sessions = 0;
  private session: SftpSession | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly socket: Socket,
    private readonly address: string,
    private readonly services: SftpServices,
    onSignedIn: () => void,
  ) {
    this.inflow = new SftpInflow(socket, () => this.patience.refresh());
    connection.on('authentication', (context) => void this.authenticate(context));
    connection.on('ready', onSignedIn);
    connection.on('session', (accept, reject) => {
      if (this.occupied || this.sessions >= MOST_SESSIONS) reject();
      else this.open(accept());
    });
    connection.on('error', (error: Error) => this.logger.debug(`${address}: ${error.message}`));
    socket.once('close', () => this.closed());
  }

  /** Tells the client that it is over, and hangs up. */
  leave(): void {
    this.connection.end();
    setTimeout(() => this.socket.destroy(), LINGER_MS).unref();
  }

  private async authenticate(context: AuthContext): Promise<void> {
    if (context.method !== 'password') {
      context.reject(['password']);
      return;
    }
    this.attempts += 1;
    this.login = await this.signIn(context.username, context.password);
    if (this.login !== undefined) {
      this.logger.log(`${this.login.memberId} signed in from ${this.address}`);
      context.accept();
      return;
    }
    this.logger.debug(`a sign-in from ${this.address} was refused`);
    if (this.attempts >= MOST_ATTEMPTS) this.leave();
    else context.reject(['password']);
  }

  private async signIn(email: string, secret: string): Promise<Login | undefined> {
    try {
      const login = await this.services.logins.open({ email, secret }, this.address);
      return (await login?.actor())?.permissions.has(Permission.FilesWrite) ? login : undefined;
    } catch (error) {
      if (!rateLimited.matches(error)) this.logger.error(error, 'a sign-in failed');
      return undefined;
    }
  }

  /** A session listens for nothing but the subsystem: shell, exec, pty, environment and forwarding are refused by the library. */
  private open(session: Session): void {
    this.occupied = true;
    this.sessions += 1;
    session.on('sftp', (accept) => {
      const { puts, folders } = this.services;
      this.session = new SftpSession(accept(), { login: this.login!, puts, folders, inflow: this.inflow, leave: () => this.leave() });
    });
    session.once('close', () => {
      this.session?.end();
      this.occupied = false;
    });
  }

  private closed(): void {
    clearTimeout(this.patience);
    this.session?.end();
  }
}
