import { describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { configTable, environmentExample } from './config-docs.js';
import { expectGenerated } from './generated-file.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Files of our own below `folder`, relative to the repository. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(path.join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name))).sort();
}

const KEBAB = '[a-z0-9]+(-[a-z0-9]+)*';
const FILE_NAME = new RegExp(`^${KEBAB}(\\.${KEBAB})*\\.[a-z]+$`);
const HOMELESS = /^(utils?|helpers?|shared|common|misc|lib)$/;
const MIGRATION = new RegExp(`^(?<timestamp>\\d{13})-(?<name>(create|add|drop|change|rename|fill|index)(-[a-z0-9]+)+)\\.ts$`);

/** What is wrong with the name of a source file. */
function nameFault(file: string): string | undefined {
  const folders = path.dirname(file).split(path.sep);
  if (folders.some((folder) => HOMELESS.test(folder))) return `${file}: a function lives beside its only user or earns a named home`;
  if (!folders.every((folder) => new RegExp(`^${KEBAB}$`).test(folder)) || !FILE_NAME.test(path.basename(file))) return `${file}: not kebab-case`;
  return undefined;
}

/** What is wrong with a migration. */
function migrationFault(file: string, source: string): string | undefined {
  const groups = MIGRATION.exec(path.basename(file))?.groups;
  if (groups === undefined) return `${file}: not named <timestamp>-<verb-noun>.ts`;
  const className = groups['name']!.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase()) + groups['timestamp']!;
  if (!source.includes(`export class ${className} implements MigrationInterface`)) return `${file}: must export class ${className}`;
  if (/from '.*(entities|src)\//.test(source)) return `${file}: imports from src, which goes on changing`;
  if (!/async down\([^)]*\)[^{]*\{\s*[^\s}]/.test(source)) return `${file}: has no down`;
  const unnamed = source.split('\n').find((line) => /\b(FOREIGN KEY|CHECK|UNIQUE)\b\s*(KEY\s*)?\(/.test(line) && !/CONSTRAINT (fk|ck|uq)_[a-z_]+ /.test(line));
  if (unnamed !== undefined) return `${file}: a constraint without a name: ${unnamed.trim()}`;
  if (/REFERENCES \w+ \([^)]*\)(?! ON DELETE)/.test(source)) return `${file}: a foreign key without ON DELETE`;
  if (/CURRENT_TIMESTAMP|\bNOW\(|DEFAULT \(?UTC_/i.test(source)) return `${file}: takes the time by a default`;
  return undefined;
}

const isFault = (fault: string | undefined): fault is string => fault !== undefined;

describe('names', () => {
  it('of files and folders are kebab-case, and there is no drawer for odds and ends', async () => {
    const files = [...(await filesIn('src')), ...(await filesIn('test')), ...(await filesIn('scripts'))];
    expect(files.length).toBeGreaterThan(100);
    expect(files.map(nameFault).filter(isFault)).toEqual([]);
  });

  it.each(['src/platform/utils/text.ts', 'src/features/credits/CreditsService.ts', 'src/features/creditCards/cards.service.ts', 'src/features/memes/meme_file.ts'])(
    'would not be %s',
    (file) => expect(nameFault(file)).toBeDefined(),
  );

  it('of feature folders are known by their module and index', async () => {
    const features = (await readdir(path.join(ROOT, 'src/features'))).sort();
    const files = new Set(await filesIn('src/features'));
    const incomplete = features.filter((feature) => !['index.ts', `${feature}.module.ts`].every((file) => files.has(`src/features/${feature}/${file}`)));
    expect(incomplete).toEqual([]);
  });
});

describe('migrations', () => {
  it('are named after what they do, with named constraints and a way back', async () => {
    const files = (await filesIn('migrations')).filter((file) => path.basename(file) !== 'index.ts');
    const faults = await Promise.all(files.map(async (file) => migrationFault(file, await readFile(path.join(ROOT, file), 'utf8'))));
    expect(faults.filter(isFault)).toEqual([]);
  });

  const sound = `export class CreateSeat1795340000000 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> { await runner.query('CREATE TABLE seat (id INT, CONSTRAINT ck_seat_id CHECK (id > 0))'); }
    async down(runner: QueryRunner): Promise<void> { await runner.query('DROP TABLE seat'); }`;
  it.each([
    ['a sound one', '1795340000000-create-seat.ts', sound, undefined],
    ['a name without a verb', '1795340000000-seat.ts', sound, /not named/],
    ['another class', '1795340000001-create-seat.ts', sound, /must export class CreateSeat1795340000001/],
    ['an import of an entity', '1795340000000-create-seat.ts', `import { Seat } from '../src/features/parking/entities/seat.js';\n${sound}`, /imports from src/],
    ['no way back', '1795340000000-create-seat.ts', sound.replace(/\{ await runner.query\('DROP.*/, '{}'), /no down/],
    ['a constraint without a name', '1795340000000-create-seat.ts', sound.replace('CONSTRAINT ck_seat_id ', ''), /without a name/],
    ['a foreign key that does not say', '1795340000000-create-seat.ts', sound.replace('CHECK (id > 0)', 'FOREIGN KEY (id) REFERENCES car (id)').replace('ck_', 'fk_'), /ON DELETE/],
    // eslint-disable-next-line no-restricted-syntax -- the very fault that is looked for
    ['time by default', '1795340000000-create-seat.ts', sound.replace('id INT', 'at DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3)'), /time by a default/],
  ])('notice %s', (_, file, source, fault) => {
    if (fault === undefined) expect(migrationFault(file, source)).toBeUndefined();
    else expect(migrationFault(file, source)).toMatch(fault);
  });
});

it('long files are looked at: over 300 lines a file may do too much', async () => {
  const lines = await Promise.all(
    (await filesIn('src')).filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts')).map(async (file) => ({ file, lines: (await readFile(path.join(ROOT, file), 'utf8')).split('\n').length })),
  );
  const long = lines.filter((file) => file.lines > 300);
  // An alarm, not a law: it is printed, and only a file twice that long fails.
  if (long.length > 0) process.stderr.write(`long files: ${long.map(({ file, lines: count }) => `${file} (${count})`).join(', ')}\n`);
  expect(long.filter((file) => file.lines > 600)).toEqual([]);
});

describe('configuration', () => {
  it('is listed in .env.example as the schema says', async () => {
    await expectGenerated('.env.example', environmentExample());
  });

  it('is listed in the README as the schema says', async () => {
    await expectGenerated('README.md', configTable(), ['<!-- config -->', '<!-- /config -->']);
  });
});
