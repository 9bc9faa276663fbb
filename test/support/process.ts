import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..', '..');

export interface PlazaProcess {
  /** Where it listens. */
  readonly url: string;
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code or signal once the process is gone. */
  readonly stopped: Promise<number | NodeJS.Signals>;
  /** All it has printed so far. */
  output(): string;
}

/**
 * Starts the built application in a process of its own and waits until it listens: for tests that kill
 * it. Needs `npm run build`, which `npm test` does first.
 *
 * @param inside a command that ends in executing what follows it, e.g. `['nice']`
 * @throws Error with the output when the process ends before it listens
 */
export async function startProcess(environment: NodeJS.ProcessEnv, inside: readonly string[] = []): Promise<PlazaProcess> {
  const [command, ...parameters] = [...inside, process.execPath, '--enable-source-maps', 'dist/src/main.js'];
  const child = spawn(command!, parameters, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'test', PORT: '0', DEMO: 'false', RATE_LIMIT_SCALE: '1000', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const stopped = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const url = await listening(child, () => output, stopped);
  return { url, pid: child.pid!, kill: (signal) => void child.kill(signal), stopped, output: () => output };
}

function listening(child: ChildProcess, output: () => string, stopped: Promise<number | NodeJS.Signals>): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', () => {
      const url = /is up: (\S+)/.exec(output())?.[1];
      if (url !== undefined) resolve(url);
    });
    void stopped.then((end) => reject(new Error(`the process ended with ${end} before it listened:\n${output()}`)));
  });
}
