import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const ROOT = path.resolve(import.meta.dirname, '../..');
const config = await extractDepcruiseConfig(path.join(ROOT, '.dependency-cruiser.js'));
const tsConfig = extractTSConfig(path.join(ROOT, 'tsconfig.json'));

/** The faults that the rules find below `baseDir`, as `rule: from → to`. */
async function faultsIn(baseDir: string, folders: string[]): Promise<string[]> {
  const { enhancedResolveOptions, tsConfig: _, ...options } = config.options!;
  const { output } = await cruise(
    folders,
    { ...(options as ICruiseOptions), baseDir, ruleSet: { forbidden: config.forbidden! }, validate: true },
    { ...enhancedResolveOptions, bustTheCache: true },
    { tsConfig },
  );
  return (output as ICruiseResult).summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}

it('nobody imports what they may not', async () => {
  expect(await faultsIn(ROOT, ['src', 'migrations'])).toEqual([]);
}, 180_000);

/** For each rule, the smallest source that breaks it; its first file is to blame. A file is written as the imports it has. */
const BROKEN: Record<string, Record<string, string[]>> = {
  'platform-knows-no-feature': { 'src/platform/clock/clock.ts': ['../../features/credits/index.js'], 'src/features/credits/index.ts': [] },
  'features-know-no-app': { 'src/features/credits/credits.service.ts': ['../../app.setup.js'], 'src/app.setup.ts': [] },
  'features-meet-at-the-index': { 'src/features/memes/memes.service.ts': ['../credits/account.repository.js'], 'src/features/credits/account.repository.ts': [] },
  'arrows-of-members': { 'src/features/members/members.service.ts': ['../exports/index.js'], 'src/features/exports/index.ts': [] },
  'arrows-of-exports': { 'src/features/exports/exports.service.ts': ['../memes/index.js'], 'src/features/memes/index.ts': [] },
  'arrows-of-memes': { 'src/features/memes/memes.service.ts': ['../members/index.js'], 'src/features/members/index.ts': [] },
  'arrows-of-parking': { 'src/features/parking/parking.service.ts': ['../uploads/index.js'], 'src/features/uploads/index.ts': [] },
  'arrows-of-chat': { 'src/features/chat/chat.service.ts': ['../credits/index.js'], 'src/features/credits/index.ts': [] },
  'arrows-of-voting': { 'src/features/voting/votes.service.ts': ['../credits/index.js'], 'src/features/credits/index.ts': [] },
  'arrows-of-other-features': { 'src/features/credits/credits.service.ts': ['../members/index.js'], 'src/features/members/index.ts': [] },
  'no-circles': { 'src/features/chat/a.service.ts': ['./b.service.js'], 'src/features/chat/b.service.ts': ['./a.service.js'] },
  'doors-call-services': { 'src/features/chat/chat.gateway.ts': ['./message.repository.js'], 'src/features/chat/message.repository.ts': [] },
  'nobody-imports-doors': { 'src/features/chat/chat.service.ts': ['./chat.tasks.js'], 'src/features/chat/chat.tasks.ts': [] },
  'typeorm-lives-in-repositories': { 'src/features/chat/chat.service.ts': ['typeorm'] },
  'mysql-lives-in-the-database-platform': { 'src/features/chat/message.repository.ts': ['mysql2/promise'] },
  'protocols-stay-at-the-door': { 'src/features/chat/chat.service.ts': ['socket.io'] },
  'openid-has-one-speaker': { 'src/features/members/oidc/oidc-flow.service.ts': ['openid-client'] },
  'stripe-has-one-speaker': { 'src/features/parking/payments/payments.service.ts': ['stripe'] },
  'rules-are-pure': { 'src/features/chat/chat.rules.ts': ['node:fs'] },
  'repositories-serve-the-service': { 'src/features/chat/message.repository.ts': ['./chat.service.js'], 'src/features/chat/chat.service.ts': [] },
  'dtos-are-shapes': { 'src/features/chat/dto/message.dto.ts': ['../message.repository.js'], 'src/features/chat/message.repository.ts': [] },
  'entities-are-tables': { 'src/features/chat/entities/message.ts': ['../chat.service.js'], 'src/features/chat/chat.service.ts': [] },
  'an-index-shows-its-own': { 'src/features/chat/index.ts': ['../uploads/index.js'], 'src/features/uploads/index.ts': [] },
  'no-orphans': { 'src/features/chat/forgotten.ts': [] },
  'no-code-without-a-door': { 'src/features/chat/chat.module.ts': ['./chat.service.js'], 'src/features/chat/chat.service.ts': [], 'src/main.ts': ['./app.module.js'], 'src/app.module.ts': [] },
  'production-needs-no-test': { 'src/features/chat/chat.service.ts': ['fast-check'] },
  'every-import-is-declared': { 'src/features/chat/chat.service.ts': ['fast-check'] },
  'every-import-exists': { 'src/features/chat/chat.service.ts': ['./nowhere.js'] },
};

/** Imports that look alike and are allowed. */
const SOUND: Record<string, string[]> = {
  'src/main.ts': ['./app.module.js', 'fastify'],
  'src/app.module.ts': ['./features/chat/index.js', './features/uploads/index.js', './platform/http/page.dto.js'],
  'src/platform/http/page.dto.ts': ['class-validator'],
  'src/platform/errors/domain-error.ts': [],
  'src/platform/database/pools.ts': ['mysql2'],
  'src/features/uploads/index.ts': ['./uploads.module.js'],
  'src/features/uploads/uploads.module.ts': [],
  'src/features/chat/index.ts': ['./chat.module.js'],
  'src/features/chat/chat.module.ts': ['./chat.gateway.js', './chat.service.js', '../uploads/index.js'],
  'src/features/chat/chat.gateway.ts': ['./chat.service.js', './dto/message.dto.js', '@nestjs/websockets', 'socket.io'],
  'src/features/chat/chat.service.ts': ['./message.repository.js', './chat.rules.js', '../uploads/index.js', '../../platform/database/pools.js'],
  'src/features/chat/chat.rules.ts': ['./chat.errors.js'],
  'src/features/chat/chat.errors.ts': ['../../platform/errors/domain-error.js'],
  'src/features/chat/message.repository.ts': ['./entities/message.js', 'typeorm'],
  'src/features/chat/entities/message.ts': ['typeorm'],
  'src/features/chat/dto/message.dto.ts': ['class-validator', '../../../platform/http/page.dto.js'],
};

describe('the import rules', () => {
  let folder: string;
  let faults: string[];
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'plaza-imports-'));
    const all: Record<string, string[]> = {};
    for (const files of Object.values(BROKEN)) for (const [file, imports] of Object.entries(files)) all[file] = [...(all[file] ?? []), ...imports];
    faults = await faultsIn(await house('broken', all), ['src']);
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function house(name: string, files: Record<string, string[]>): Promise<string> {
    const root = path.join(folder, name);
    for (const [file, imports] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), [...imports.map((from) => `import '${from}';`), 'export const it = 1;'].join('\n'));
    }
    for (const shared of ['node_modules', 'package.json']) await symlink(path.join(ROOT, shared), path.join(root, shared));
    return root;
  }

  it('are each broken below', () => {
    expect(Object.keys(BROKEN).sort()).toEqual(config.forbidden!.map(({ name }) => name).sort());
  });

  it.each(Object.keys(BROKEN))('notice: %s', (rule) => {
    const [offender] = Object.keys(BROKEN[rule]!);
    expect(faults.filter((fault) => fault.startsWith(`${rule}: ${offender} → `))).not.toEqual([]);
  });

  it('let a sound house be', async () => {
    expect(await faultsIn(await house('sound', SOUND), ['src'])).toEqual([]);
  });
});
