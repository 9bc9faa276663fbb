import 'reflect-metadata';
import { ConfigError } from '../../../platform/config/config.js';
import { DatabaseBootError } from '../../../platform/database/database-boot.error.js';
import { MemeFileError } from './meme-file.reader.js';
import { importMemes } from './memes-import.command.js';

/** What whoever typed the command can mend is one message; anything else is a fault of ours and comes with its stack. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const mendable = [MemeFileError, ConfigError, DatabaseBootError].some((kind) => error instanceof kind);
  return mendable ? error.message : (error.stack ?? error.message);
}

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort()).once('SIGTERM', () => interrupted.abort());
try {
  process.exitCode = await importMemes(process.argv[2], process.stdout, interrupted.signal);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
