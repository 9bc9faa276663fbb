import tseslint from 'typescript-eslint';

/** What a rule of `no-restricted-syntax` refuses, and why. */
const refuse = (selector, message) => ({ selector, message });

/** SQL is plain text in strings and templates: what the house forbids there can be read off the text. */
const inSql = (pattern, message) => [
  refuse(`Literal[value=/${pattern}/]`, message),
  refuse(`TemplateElement[value.raw=/${pattern}/]`, message),
];

const EVERYWHERE = [
  refuse('ExportDefaultDeclaration', 'Named exports only: a name that is the same everywhere can be searched for.'),
  ...inSql('\\bNOW\\(', 'UTC_TIMESTAMP(3), never NOW(): the server may live in another time zone.'),
  ...inSql('\\bCURRENT_TIMESTAMP\\b', 'UTC_TIMESTAMP(3), never CURRENT_TIMESTAMP.'),
  ...inSql('\\bGET_LOCK\\(', 'GET_LOCK does not hold on a cluster: use a written guard.'),
  ...inSql('\\bSKIP LOCKED\\b', 'SKIP LOCKED answers a false "full" and does not lock on TiDB: use a written guard.'),
  ...inSql('\\bINSERT IGNORE\\b', 'INSERT IGNORE hides other errors: use ON DUPLICATE KEY UPDATE and read back who won.'),
  ...inSql('\\b(INSERT|UPDATE|DELETE)\\b[\\s\\S]*\\bRETURNING\\b', 'RETURNING is MariaDB only.'),
];

const ENVIRONMENT = refuse(
  "MemberExpression[object.name='process'][property.name='env']",
  'Configuration is read in platform/config only, where it is validated and documented.',
);

const HTTP_EXCEPTIONS = [
  'HttpException', 'BadRequestException', 'UnauthorizedException', 'ForbiddenException', 'NotFoundException', 'ConflictException', 'GoneException',
  'PreconditionFailedException', 'PayloadTooLargeException', 'UnprocessableEntityException', 'InternalServerErrorException', 'NotImplementedException',
  'BadGatewayException', 'ServiceUnavailableException', 'GatewayTimeoutException', 'RequestTimeoutException', 'NotAcceptableException',
  'UnsupportedMediaTypeException', 'MethodNotAllowedException', 'ImATeapotException', 'MisdirectedException', 'HttpVersionNotSupportedException',
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '.data/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...EVERYWHERE, ENVIRONMENT],
      'max-len': ['error', { code: 180, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreComments: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // A method that answers a promise by passing one on needs no await of its own.
      '@typescript-eslint/require-await': 'off',
      // Rows and bodies are numbers and strings; a template may take both.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
    },
  },
  {
    // platform/http is the one place that turns errors into HTTP, those that Nest itself throws included.
    files: ['src/**/*.ts'],
    ignores: ['src/**/*.spec.ts', 'src/platform/http/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [{ name: '@nestjs/common', importNames: HTTP_EXCEPTIONS, message: 'Throw an error of <feature>.errors.ts: it has a code, and sockets can answer it too.' }] },
      ],
    },
  },
  {
    // Pure functions and tables: a rule that looks at the clock cannot be tested with a table of cases.
    files: ['src/**/*.rules.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...EVERYWHERE,
        ENVIRONMENT,
        refuse("NewExpression[callee.name='Date'][arguments.length=0]", 'Time is an argument of a rule.'),
        refuse("CallExpression[callee.object.name='Date'][callee.property.name='now']", 'Time is an argument of a rule.'),
        refuse("CallExpression[callee.object.name='Math'][callee.property.name='random']", 'Chance is an argument of a rule.'),
        refuse("ImportDeclaration[source.value='node:crypto'] ImportSpecifier[imported.name=/^random/]", 'Chance is an argument of a rule.'),
        refuse('AwaitExpression', 'A rule does not wait for anything.'),
      ],
    },
  },
  {
    // The only readers of the environment; the command line of TypeORM has no other way in.
    files: ['src/platform/config/**/*.ts', 'ormconfig.ts', 'test/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...EVERYWHERE] },
  },
  {
    // TypeORM's command line wants a default export.
    files: ['ormconfig.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // A person or a log reads the start and the end of a process.
    files: ['src/main.ts', 'src/app.*.ts', 'scripts/**/*.ts', 'test/bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts', '**/*.spec.ts'],
    rules: {
      // Answers of supertest and of raw SQL are `any`; what they hold is what the tests check.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // A cast says what a raw answer holds, needed or not.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      'no-restricted-properties': [
        'error',
        ...['describe', 'it', 'test'].flatMap((object) => ['only', 'skip'].map((property) => ({ object, property, message: 'Every test runs, every time.' }))),
      ],
    },
  },
);
