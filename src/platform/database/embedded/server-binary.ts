import { execFile, spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DatabaseBootError } from '../database-boot.error.js';

const run = promisify(execFile);

/** A database server found on this machine. */
export interface ServerBinary {
  readonly flavour: 'mariadb' | 'mysql';
  /** Absolute path of `mariadbd` or `mysqld`. */
  readonly server: string;
  /** Absolute path of `mariadb-install-db`; MySQL fills its data folder itself. */
  readonly installer?: string;
}

/** The machine as the search sees it; tests stand in another one. */
export interface Surroundings {
  /** Environment of the commands that are run; this process's own when left out. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Folders looked into after the PATH. */
  readonly folders?: readonly string[];
  readonly platform?: NodeJS.Platform;
  /** Numeric user id; undefined where there is none. */
  readonly userId?: number | undefined;
  readonly isDebian?: boolean;
}

/** Where packages put servers without putting them on every user's PATH. */
const USUAL_FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/libexec',
  '/usr/local/mysql/bin',
  '/opt/homebrew/opt/mariadb/bin',
  '/usr/local/opt/mariadb/bin',
  '/opt/homebrew/opt/mysql/bin',
  '/usr/local/opt/mysql/bin',
];

const BREW_FOLDERS = ['/opt/homebrew/bin', '/usr/local/bin'];

/** client-core brings my_print_defaults, without which mariadb-install-db fails with a misleading text. */
const DEBIAN_PACKAGES = ['mariadb-server-core', 'mariadb-client-core'];
const PROGRESS_EVERY_MS = 2_000;

/**
 * Finds a MariaDB or MySQL server on the PATH and in the usual folders. Where Plaza may install one (Debian
 * or Ubuntu as root, or Homebrew) it says so, installs it and looks again.
 *
 * @param report progress, one line at a time
 * @throws DatabaseBootError: names the command that installs a server on this platform
 */
export async function provideServerBinary(report: (text: string) => void, surroundings: Surroundings = {}): Promise<ServerBinary> {
  const found = await findServerBinary(surroundings);
  if (found !== undefined) return found;
  if (await installServer(report, surroundings)) {
    const installed = await findServerBinary(surroundings);
    if (installed !== undefined) return installed;
  }
  throw new DatabaseBootError(
    `No database server was found (mariadbd or mysqld). Run:\n\n    ${await installCommand(surroundings)}\n\n` +
      'or point DATABASE_URL at a MySQL or MariaDB server, for example one in Docker:\n\n' +
      '    docker run -d -p 127.0.0.1:3306:3306 -e MARIADB_ROOT_PASSWORD=plaza -e MARIADB_DATABASE=plaza mariadb:11.4\n' +
      '    DATABASE_URL=mysql://root:plaza@127.0.0.1:3306/plaza',
  );
}

/** Finds a server that can run here, or undefined. MariaDB comes first: a `mysqld` may be a link to it. */
export async function findServerBinary(surroundings: Surroundings = {}): Promise<ServerBinary | undefined> {
  for (const name of ['mariadbd', 'mysqld']) {
    const server = await locate(name, surroundings);
    if (server === undefined) continue;
    const flavour = await flavourOf(server, surroundings);
    if (flavour === 'mysql') return { flavour, server };
    if (flavour === undefined) continue;
    const installer = (await locate('mariadb-install-db', surroundings)) ?? (await locate('mysql_install_db', surroundings));
    const complete = installer !== undefined && (await locate('my_print_defaults', surroundings)) !== undefined;
    if (complete) return { flavour, server, installer };
  }
  return undefined;
}

/** The absolute path of a command, looked up by a shell as the user's own shell would. */
async function locate(name: string, surroundings: Surroundings): Promise<string | undefined> {
  const folders = (surroundings.folders ?? USUAL_FOLDERS).join(':');
  try {
    const { stdout } = await run('/bin/sh', ['-c', 'PATH="$PATH:$2"; command -v "$1"', 'sh', name, folders], { env: surroundings.environment });
    const file = stdout.trim();
    return path.isAbsolute(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

async function flavourOf(server: string, surroundings: Surroundings): Promise<ServerBinary['flavour'] | undefined> {
  try {
    const { stdout } = await run(server, ['--no-defaults', '--version'], { env: surroundings.environment, timeout: 10_000 });
    return /mariadb/i.test(stdout) ? 'mariadb' : 'mysql';
  } catch {
    return undefined;
  }
}

/** Installs a server where that needs no question. False when this is no such place or it failed. */
async function installServer(report: (text: string) => void, surroundings: Surroundings): Promise<boolean> {
  const userId = 'userId' in surroundings ? surroundings.userId : process.getuid?.();
  const apt = (await isDebian(surroundings)) && userId === 0 ? await locate('apt-get', surroundings) : undefined;
  if (apt !== undefined) {
    report(`No database server was found: installing ${DEBIAN_PACKAGES.join(' and ')} with apt-get (no service is started).`);
    // Reinstall: where a package is there and its server is not, apt would otherwise find nothing to do.
    const install = [apt, '-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--reinstall', '--no-install-recommends', ...DEBIAN_PACKAGES];
    if (await attempt(install, report, surroundings)) return true;
    report('The package lists are missing or old: refreshing them first.');
    return (await attempt([apt, '-o', 'DPkg::Lock::Timeout=120', 'update'], report, surroundings)) && (await attempt(install, report, surroundings));
  }
  // Homebrew refuses to run as root, so there the error with the command is the better answer.
  const brew = userId === 0 ? undefined : await locate('brew', { ...surroundings, folders: surroundings.folders ?? BREW_FOLDERS });
  if (brew === undefined) return false;
  report('No database server was found: installing mariadb with Homebrew (no service is started).');
  return attempt([brew, 'install', 'mariadb'], report, surroundings);
}

/** Runs an installer and reports its last line every two seconds; its whole output when it fails. */
async function attempt([command = '', ...parameters]: string[], report: (text: string) => void, surroundings: Surroundings): Promise<boolean> {
  const child = spawn('/usr/bin/env', ['DEBIAN_FRONTEND=noninteractive', 'HOMEBREW_NO_AUTO_UPDATE=1', command, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: surroundings.environment,
  });
  const started = Date.now();
  let output = '';
  const collect = (text: Buffer): void => void (output += text.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const progress = setInterval(() => {
    const line = output.trimEnd().split(/[\r\n]/).at(-1) ?? '';
    report(`  ${Math.round((Date.now() - started) / 1000)} s  ${line.slice(0, 100)}`);
  }, PROGRESS_EVERY_MS);
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) report(output.trimEnd().split('\n').slice(-5).join('\n'));
    return code === 0;
  } catch {
    return false;
  } finally {
    clearInterval(progress);
  }
}

async function isDebian(surroundings: Surroundings): Promise<boolean> {
  if (surroundings.isDebian !== undefined) return surroundings.isDebian;
  return access('/etc/debian_version').then(
    () => true,
    () => false,
  );
}

async function installCommand(surroundings: Surroundings): Promise<string> {
  if ((surroundings.platform ?? process.platform) === 'darwin') return 'brew install mariadb';
  if (await isDebian(surroundings)) return `sudo apt-get install -y --no-install-recommends ${DEBIAN_PACKAGES.join(' ')}`;
  const managers = { dnf: 'sudo dnf install -y mariadb-server', apk: 'apk add mariadb mariadb-client', pacman: 'sudo pacman -S --noconfirm mariadb', zypper: 'sudo zypper install -y mariadb' };
  for (const [manager, command] of Object.entries(managers)) if ((await locate(manager, surroundings)) !== undefined) return command;
  return '<your package manager> install mariadb-server';
}
