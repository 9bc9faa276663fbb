import type { INestApplication } from '@nestjs/common';
import { ConfigError } from './platform/config/config.js';
import { DatabaseBootError } from './platform/database/database-boot.error.js';
import { StorageBootError } from './platform/storage/storage-boot.error.js';

/** How long a stop may take: a person at a terminal waits 5 s, a deployment lets requests drain. */
const STOP_WITHIN_MS = { SIGINT: 4_500, SIGTERM: 25_000 } as const;

/** Ends the application in order on Ctrl-C and SIGTERM; a second signal ends it at once. */
export function stopOnSignals(app: INestApplication): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      setTimeout(() => process.exit(1), STOP_WITHIN_MS[signal]).unref();
      app.close().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }
}

/** Says why Plaza could not start: one plain message for what the operator can mend, a stack for a bug. */
export function reportBootFailure(error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof ConfigError || error instanceof DatabaseBootError || error instanceof StorageBootError) console.error(message);
  else if (code === 'EADDRINUSE') console.error(`${message}\nStop what listens there, or give Plaza another PORT or SFTP_PORT.`);
  else console.error(error);
  process.exit(1);
}
