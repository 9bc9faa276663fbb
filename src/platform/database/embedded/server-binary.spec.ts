import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findServerBinary, provideServerBinary, type Surroundings } from './server-binary.js';

const MARIADB = 'echo "mariadbd  Ver 10.11.6-MariaDB for Linux on x86_64"';
const MYSQL = 'echo "mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)"';

/** Each test makes its own machine: a folder of commands that is all of the PATH. */
describe('the search for a database server', () => {
  let machine: string;
  let bin: string;
  let sbin: string;
  const lines: string[] = [];

  beforeEach(() => {
    machine = mkdtempSync(path.join(os.tmpdir(), 'plaza-machine-'));
    bin = path.join(machine, 'bin');
    sbin = path.join(machine, 'sbin');
    mkdirSync(bin);
    mkdirSync(sbin);
    lines.length = 0;
  });
  afterEach(() => rmSync(machine, { recursive: true, force: true }));

  function command(folder: string, name: string, script: string): string {
    const file = path.join(folder, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  function mariadb(folder: string): string {
    command(folder, 'mariadb-install-db', 'exit 0');
    command(folder, 'my_print_defaults', 'exit 0');
    return command(folder, 'mariadbd', MARIADB);
  }

  const surroundings = (more: Surroundings = {}): Surroundings => ({
    environment: { PATH: bin },
    folders: [sbin],
    platform: 'linux',
    userId: 1000,
    isDebian: false,
    ...more,
  });
  const report = (line: string): void => void lines.push(line);

  it('finds MariaDB on the PATH, with its installer', async () => {
    const server = mariadb(bin);
    expect(await findServerBinary(surroundings())).toEqual({ flavour: 'mariadb', server, installer: path.join(bin, 'mariadb-install-db') });
  });

  it('finds it in the folders that are on no user\'s PATH', async () => {
    const server = mariadb(sbin);
    expect(await findServerBinary(surroundings())).toMatchObject({ server });
  });

  it('knows a mysqld that is MariaDB from one that is MySQL', async () => {
    const server = command(bin, 'mysqld', MYSQL);
    expect(await findServerBinary(surroundings())).toEqual({ flavour: 'mysql', server });
    command(bin, 'mysqld', MARIADB);
    expect(await findServerBinary(surroundings())).toBeUndefined();
    command(bin, 'mariadb-install-db', 'exit 0');
    command(bin, 'my_print_defaults', 'exit 0');
    expect(await findServerBinary(surroundings())).toMatchObject({ flavour: 'mariadb', server });
  });

  it('does not take a MariaDB whose bootstrap would fail for want of my_print_defaults', async () => {
    mariadb(bin);
    rmSync(path.join(bin, 'my_print_defaults'));
    expect(await findServerBinary(surroundings())).toBeUndefined();
  });

  it('passes over a binary that does not run', async () => {
    command(bin, 'mariadbd', 'exit 127');
    const server = command(bin, 'mysqld', MYSQL);
    expect(await findServerBinary(surroundings())).toMatchObject({ flavour: 'mysql', server });
  });

  it('installs the packages on Debian as root, after saying so, and refreshes the lists when they are missing', async () => {
    const calls = path.join(machine, 'calls');
    command(
      bin,
      'apt-get',
      `echo "$DEBIAN_FRONTEND $*" >> ${calls}
       case "$*" in
         *update*) : > ${machine}/lists ;;
         *) [ -e ${machine}/lists ] || { echo "E: Unable to locate package"; exit 100; }
            for name in mariadb-install-db my_print_defaults; do printf '#!/bin/sh\\n' > ${sbin}/$name; /bin/chmod +x ${sbin}/$name; done
            printf '#!/bin/sh\\necho MariaDB\\n' > ${sbin}/mariadbd; /bin/chmod +x ${sbin}/mariadbd ;;
       esac`,
    );
    const found = await provideServerBinary(report, surroundings({ userId: 0, isDebian: true }));
    expect(found).toMatchObject({ flavour: 'mariadb', server: path.join(sbin, 'mariadbd') });
    expect(lines[0]).toContain('installing mariadb-server-core and mariadb-client-core with apt-get');
    const [install, update, again] = readFileSync(calls, 'utf8').trim().split('\n');
    expect(install).toMatch(/^noninteractive .*install -y --reinstall --no-install-recommends mariadb-server-core mariadb-client-core$/);
    expect(update).toMatch(/update$/);
    expect(again).toBe(install);
  });

  it('installs nothing as another user: it names the one command', async () => {
    command(bin, 'apt-get', `: > ${machine}/called`);
    await expect(provideServerBinary(report, surroundings({ isDebian: true }))).rejects.toThrow(
      'sudo apt-get install -y --no-install-recommends mariadb-server-core mariadb-client-core',
    );
    expect(existsSync(path.join(machine, 'called'))).toBe(false);
    expect(lines).toEqual([]);
  });

  it('shows what the installer said when it fails', async () => {
    command(bin, 'apt-get', 'echo "E: no network"; exit 100');
    await expect(provideServerBinary(report, surroundings({ userId: 0, isDebian: true }))).rejects.toMatchObject({ name: 'DatabaseBootError' });
    expect(lines.join('\n')).toContain('E: no network');
  });

  it.each([
    ['macOS', { platform: 'darwin' } as Surroundings, undefined, 'brew install mariadb'],
    ['Fedora', {}, 'dnf', 'sudo dnf install -y mariadb-server'],
    ['Alpine', {}, 'apk', 'apk add mariadb mariadb-client'],
    ['anything else', {}, undefined, 'docker run'],
  ])('names the command for %s, and DATABASE_URL', async (_name, more, manager, expected) => {
    if (manager !== undefined) command(bin, manager, 'exit 0');
    const refusal = provideServerBinary(report, surroundings(more));
    await expect(refusal).rejects.toThrow(expected);
    await expect(refusal).rejects.toThrow('DATABASE_URL=mysql://');
  });
});
