import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import ssh2 from 'ssh2';
import { Logins } from '../../../platform/auth/logins.js';
import { Config } from '../../../platform/config/config.js';
import { SftpConnection } from './sftp.connection.js';
import { SftpFolders } from './sftp-folders.service.js';
import { SftpHostKeys } from './sftp-host-key.service.js';
import { SftpPuts } from './sftp-puts.service.js';

const MOST_CONNECTIONS = 64;
const MOST_PER_ADDRESS = 10;
/** From the first packet to the right password. */
const SIGN_IN_MS = 60_000;
/** Four of these without a sign of life, and the client is taken for gone. */
const KEEPALIVE_MS = 15_000;

/** The SFTP door, open where SFTP_PORT says so. */
@Injectable()
export class SftpServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('sftp');
  /** Every client, with its connection once it has said that it speaks SSH. */
  private readonly clients = new Map<Socket, SftpConnection | undefined>();
  private listener: Server | undefined;

  constructor(
    private readonly config: Config,
    private readonly hostKeys: SftpHostKeys,
    private readonly logins: Logins,
    private readonly puts: SftpPuts,
    private readonly folders: SftpFolders,
  ) {}

  /** Where it listens; undefined when it does not. */
  get port(): number | undefined {
    return (this.listener?.address() as AddressInfo | null | undefined)?.port;
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.SFTP_PORT === undefined) return;
    const { privateKey, fingerprint } = await this.hostKeys.load();
    // The library would listen itself, but not let anybody count or hold up its sockets.
    this.listener = createServer({ noDelay: true }, (socket) => this.admit(socket, privateKey));
    this.listener.listen(this.config.SFTP_PORT, this.config.HOST);
    await once(this.listener, 'listening');
    this.logger.log(`SFTP on port ${this.port}, host key ${fingerprint}`);
  }

  /** Ends every session; what is not closed by then leaves nothing behind. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.listener === undefined) return;
    const closed = new Promise((resolve) => this.listener!.close(resolve));
    for (const [socket, connection] of this.clients) {
      if (connection === undefined) socket.destroy();
      else connection.leave();
    }
    await closed;
    await this.puts.settled();
  }

  private admit(socket: Socket, privateKey: string): void {
    const address = socket.remoteAddress ?? '';
    const neighbours = [...this.clients.keys()].filter((other) => other.remoteAddress === address).length;
    if (this.clients.size >= MOST_CONNECTIONS || neighbours >= MOST_PER_ADDRESS) {
      this.logger.debug(`too many connections: ${address} was turned away`);
      socket.destroy();
      return;
    }
    this.clients.set(socket, undefined);
    const patience = setTimeout(() => socket.destroy(), SIGN_IN_MS).unref();
    socket.once('close', () => {
      clearTimeout(patience);
      this.clients.delete(socket);
    });
    const services = { logins: this.logins, puts: this.puts, folders: this.folders };
    // One server a client, so that nobody's connection is taken for another's. No compression: a bomb needs it.
    const server = new ssh2.Server({ hostKeys: [privateKey], ident: 'Plaza', keepaliveInterval: KEEPALIVE_MS, keepaliveCountMax: 3, algorithms: { compress: ['none'] } }, (connection) => {
      this.clients.set(socket, new SftpConnection(connection, socket, address, services, () => clearTimeout(patience)));
    });
    server.injectSocket(socket);
  }
}
