/**
 * The walls of the house: who may import whom. Read by `depcruise` and by test/architecture/imports.spec.ts,
 * which breaks each of these rules once.
 */

/** The feature arrows. A feature that is missing here may import no other. */
const MAY_IMPORT = {
  members: ['credits', 'uploads'],
  exports: ['credits'],
  memes: ['credits', 'uploads'],
  parking: ['credits'],
  chat: ['members', 'uploads'],
  voting: ['members'],
};

const FEATURE = '^src/features/([^/]+)/';
const DOOR = '\\.(controller|gateway|tasks)\\.ts$';
/** Where requests and sockets are touched at all. */
const EDGE = '\\.(controller|gateway|tasks|decorator|interceptor|guard)\\.ts$';
const ENTRY = '^src/(main|features/memes/importing/memes-import\\.main)\\.ts$';
const npm = (...names) => `(^|/)node_modules/(${names.join('|')})/`;

const arrows = Object.entries(MAY_IMPORT).map(([feature, others]) => ({
  name: `arrows-of-${feature}`,
  comment: `${feature} may import ${others.join(' and ')}. Where two features want each other there is a port in platform.`,
  from: { path: `^src/features/${feature}/` },
  to: { path: '^src/features/', pathNot: [feature, ...others].map((name) => `^src/features/${name}/`) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: /** @type {import('dependency-cruiser').IForbiddenRuleType[]} */ ([
    {
      name: 'platform-knows-no-feature',
      comment: 'What every feature stands on cannot stand on a feature: put a port into platform and provide it.',
      from: { path: '^src/platform/' },
      to: { path: '^src/(features/|app\\.|main\\.)' },
    },
    {
      name: 'features-know-no-app',
      comment: 'app.* puts the features together; no feature asks for the whole.',
      from: { path: '^src/features/' },
      to: { path: '^src/(app\\.|main\\.)' },
    },
    {
      name: 'features-meet-at-the-index',
      comment: "Only another feature's index.ts is its public face.",
      from: { path: FEATURE },
      to: { path: '^src/features/', pathNot: ['^src/features/$1/', '^src/features/[^/]+/index\\.ts$'] },
    },
    ...arrows,
    {
      name: 'arrows-of-other-features',
      comment: 'This feature stands alone. A new arrow is drawn in .dependency-cruiser.js, with a reason in the commit.',
      from: { path: FEATURE, pathNot: `^src/features/(${Object.keys(MAY_IMPORT).join('|')})/` },
      to: { path: '^src/features/', pathNot: '^src/features/$1/' },
    },
    {
      name: 'no-circles',
      comment: 'A circle has no beginning to read from, and under ESM it may crash at import. Types alone may point back.',
      from: { path: '^(src|migrations)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'doors-call-services',
      comment: 'A controller, gateway or task is one line per handler; loading and deciding is the service.',
      from: { path: `^src/.*${DOOR}` },
      to: { path: ['\\.repository\\.ts$', '/entities/', '\\.entity\\.ts$', npm('typeorm', '@nestjs/typeorm', 'mysql2')] },
    },
    {
      name: 'nobody-imports-doors',
      comment: 'Doors are for the outside. Only the module opens them.',
      from: { path: '^src/', pathNot: '\\.module\\.ts$' },
      to: { path: DOOR },
    },
    {
      name: 'typeorm-lives-in-repositories',
      comment: 'SQL has one home. Everything else works with Tx, Reader and repositories.',
      from: { path: '^src/', pathNot: ['\\.repository\\.ts$', '/entities/', '\\.entity\\.ts$', '^src/platform/database/'] },
      to: { path: npm('typeorm', '@nestjs/typeorm') },
    },
    {
      name: 'mysql-lives-in-the-database-platform',
      comment: 'Drivers and pools are made in one place, which pins every connection.',
      from: { path: '^src/', pathNot: '^src/platform/database/' },
      to: { path: npm('mysql2'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'protocols-stay-at-the-door',
      comment: 'Services are called by HTTP, sockets and tasks alike, so they know none of them.',
      from: { path: '^src/features/', pathNot: EDGE },
      to: { path: npm('fastify', '@fastify/[^/]+', 'socket\\.io', '@nestjs/platform-fastify', '@nestjs/platform-socket\\.io', '@nestjs/websockets') },
    },
    {
      name: 'openid-has-one-speaker',
      comment: 'How providers are asked, and what of their answers is checked, is decided in one place.',
      from: { path: '^src/', pathNot: '^src/features/members/oidc/oidc-providers\\.service\\.ts$' },
      to: { path: npm('openid-client') },
    },
    {
      name: 'stripe-has-one-speaker',
      comment: 'Features know payments by their port; what Stripe is told, and with which key, is decided in one place.',
      from: { path: '^src/', pathNot: '^src/platform/payments/stripe-' },
      to: { path: npm('stripe'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'rules-are-pure',
      comment: 'Rules import rules, types and errors of their own, and what is pure too: rules of the platform, the calendar, permissions, hashes. No I/O, no clock: time is an argument.',
      from: { path: `${FEATURE}.*\\.rules\\.ts$` },
      to: {
        pathNot: ['^src/features/$1/.*\\.(rules|errors|types)\\.ts$', '^src/platform/errors/', '^src/platform/clock/calendar\\.ts$', '^src/platform/auth/permission(s|-set)\\.ts$', '^src/platform/.*\\.rules\\.ts$', '^(node:)?crypto$', npm('temporal-polyfill', '@zxcvbn-ts/[^/]+')],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'repositories-serve-the-service',
      comment: 'A repository is at the bottom of its feature: it knows no service, door, dto or other feature.',
      from: { path: `${FEATURE}.*\\.repository\\.ts$` },
      to: {
        path: ['^src/features/', npm('@nestjs/swagger', 'class-validator', 'class-transformer')],
        pathNot: '^src/features/$1/(?!dto/)(?!.*\\.(service|controller|gateway|tasks|module)\\.ts$)',
      },
    },
    {
      name: 'dtos-are-shapes',
      comment: 'A dto validates, documents and maps. It imports its own types, the shared page, and the libraries for that.',
      from: { path: `${FEATURE}dto/` },
      to: {
        pathNot: ['^src/features/$1/(dto|entities)/', '^src/features/$1/.*\\.(rules|types)\\.ts$', '^src/platform/http/', '^src/platform/auth/permission(s|-set)\\.ts$', npm('@nestjs/swagger', 'class-validator', 'class-transformer', 'zod')],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'entities-are-tables',
      comment: 'Columns and indexes. Other features only by id; the foreign key is in the migration.',
      from: { path: `${FEATURE}entities/` },
      to: {
        pathNot: ['^src/features/$1/entities/', '^src/platform/database/columns\\.ts$', '^src/platform/jobs/leased\\.entity\\.ts$', npm('typeorm')],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'an-index-shows-its-own',
      comment: 'index.ts exports the module, the public service and the types of this feature, and nothing it has from others.',
      from: { path: `${FEATURE}index\\.ts$` },
      to: { pathNot: '^src/features/$1/' },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nobody imports is dead, or was forgotten in a module.',
      from: { orphan: true, path: '^src/', pathNot: '^src/main\\.ts$' },
      to: {},
    },
    {
      name: 'no-code-without-a-door',
      comment: 'Imports something, but no entry point reaches it: dead, or forgotten in a module.',
      from: { path: ENTRY },
      to: { path: '^src/.*\\.ts$', pathNot: ENTRY, reachable: false },
    },
    {
      name: 'production-needs-no-test',
      comment: 'What runs in production is in "dependencies", and never in test/.',
      from: { path: '^(src|migrations)/' },
      to: { path: ['^test/', npm('jest', '@jest/[^/]+', 'supertest', 'fast-check', '@nestjs/testing')] },
    },
    {
      name: 'every-import-is-declared',
      comment: 'A package that package.json does not name may be gone after the next install.',
      from: { path: '^(src|migrations)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'unknown', 'undetermined'] },
    },
    {
      name: 'every-import-exists',
      comment: 'The file or package is not there.',
      from: { path: '^(src|migrations)/' },
      to: { couldNotResolve: true },
    },
  ]).map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.spec\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], mainFields: ['module', 'main', 'types'] },
  },
};
