/**
 * Completes package-lock.json: `npm install` drops the optional packages of platforms that the registry at hand
 * does not serve, and `npm ci` then refuses the lock ("Missing: @swc/core-darwin-arm64@… from lock file"). Whoever
 * installs on such a platform needs them too.
 *
 *   node scripts/complete-lock.js           after each npm install
 *   node scripts/complete-lock.js --check   exits 1 and lists what is missing
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SYSTEMS = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openharmony', 'netbsd', 'openbsd', 'sunos', 'aix'];
const LIBC = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };
/** Packages for one platform that do not say so in their name. */
const BY_NAME = { fsevents: { os: ['darwin'] } };

/**
 * What a package's name says about where it runs: `@swc/core-linux-arm-gnueabihf` is for ARM Linux with glibc.
 *
 * @param {string} name
 * @returns {{ os?: string[], cpu?: string[], libc?: string[] } | undefined} undefined when it says nothing
 */
export function platformOf(name) {
  if (name in BY_NAME) return BY_NAME[name];
  const words = name.split(/[-/]/);
  if (words.includes('wasm32')) return { cpu: ['wasm32'] };
  const at = words.findIndex((word) => SYSTEMS.includes(word));
  if (at === -1) return undefined;
  const [os, cpu, abi] = words.slice(at);
  if (cpu === undefined) return undefined;
  return { os: [os], ...(cpu === 'universal' ? {} : { cpu: [cpu] }), ...(os === 'linux' && abi in LIBC ? { libc: [LIBC[abi]] } : {}) };
}

/**
 * The entries that a lock lacks, by the path npm gives them.
 *
 * @param {{ packages: Record<string, { version?: string, dev?: boolean, optionalDependencies?: Record<string, string> }> }} lock
 */
export function missingEntries({ packages }) {
  const missing = {};
  for (const [parent, entry] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const exact = /^\d/.test(range);
      const found = resolve(packages, parent, name);
      if (found !== undefined && (!exact || found.version === range)) continue;
      const platform = platformOf(name);
      if (platform === undefined) throw new Error(`${name}, optional for ${parent}, names no platform: add it to BY_NAME`);
      const taken = packages[`node_modules/${name}`] !== undefined;
      missing[`${taken ? `${parent}/` : ''}node_modules/${name}`] = {
        version: range.replace(/^[^\d]*/, '').split(' ')[0],
        ...(platform.cpu ? { cpu: platform.cpu } : {}),
        ...(entry.dev ? { dev: true } : {}),
        ...(platform.libc ? { libc: platform.libc } : {}),
        optional: true,
        ...(platform.os ? { os: platform.os } : {}),
      };
    }
  }
  return missing;
}

/** Looks a dependency up as Node does: beside the parent, then one folder further out. */
function resolve(packages, parent, name) {
  for (let from = parent; ; from = from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1))) {
    const entry = packages[`${from === '' ? '' : `${from}/`}node_modules/${name}`];
    if (entry !== undefined || from === '') return entry;
  }
}

function main(check) {
  const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingEntries(lock);
  const names = Object.keys(missing);
  if (names.length === 0) return;
  if (check) {
    console.error(`package-lock.json lacks ${names.length} packages of other platforms: run node scripts/complete-lock.js\n${names.map((name) => `  ${name}`).join('\n')}`);
    process.exitCode = 1;
    return;
  }
  const packages = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
  console.log(`package-lock.json: added ${names.length} packages of other platforms.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.includes('--check'));
