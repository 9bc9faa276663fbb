import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger as Pino } from 'pino';

/** Fields that never reach a log, however deep they lie in what is logged; in lower case. */
const REDACTED = new Set([
  'authorization', 'x-token', 'cookie', 'set-cookie', 'password', 'passwordhash', 'current', 'next', 'token', 'accesstoken', 'refreshtoken', 'secret',
  'x-device-token', 'devicetoken', 'nonce',
  // Of a failed query: members' data, and the statement with them in it.
  'parameters', 'sql',
]);
const DEEPEST = 8;

/** The process's logger: JSON lines on standard output. */
export function createLogger(level: string, destination?: DestinationStream): Pino {
  const options = {
    level,
    formatters: { log: (fields: object) => withoutSecrets(fields, 0) as Record<string, unknown> },
    // What `withoutSecrets` made of an error is all there is to say.
    serializers: { err: (error: unknown) => error },
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** A copy to log. pino's own redaction wants each depth spelled out, and a secret one level deeper gets through. */
function withoutSecrets(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return '[bytes]';
  if (depth === DEEPEST) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  const error = value instanceof Error ? { type: value.name, message: value.message, stack: value.stack, ...(value.cause !== undefined && { cause: value.cause }) } : {};
  return Object.fromEntries(
    Object.entries({ ...value, ...error }).map(([name, field]) => [name, REDACTED.has(name.toLowerCase()) ? '[redacted]' : withoutSecrets(field, depth + 1)]),
  );
}

/** Nest's logger on pino. Nest passes the context last and, for errors, a stack before it. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Pino) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', message: unknown, rest: unknown[]): void {
    const texts = rest.filter((part) => typeof part === 'string');
    const context = texts.at(-1);
    // Nest's own word on a start that failed, stack and all; who started it says it in plain words.
    if (context === 'ExceptionHandler') return;
    const more = texts.slice(0, -1).join(' ');
    const err = rest.find((part) => part instanceof Error);
    if (message instanceof Error) this.pino[level]({ context, err: message }, more || message.message);
    else if (typeof message === 'object' && message !== null) this.pino[level]({ context, ...message }, more);
    else this.pino[level]({ context, ...(more !== '' && { more }), ...(err !== undefined && { err }) }, String(message));
  }
}
