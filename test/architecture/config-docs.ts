import { z } from 'zod';
import { configSchema, SECRETS } from '../../src/platform/config/config.schema.js';

interface Variable {
  readonly name: string;
  readonly meaning: string;
  /** As it would be written in the environment; undefined when there is none. */
  readonly fallback: string | undefined;
  /** What may be given, in words. */
  readonly values: string;
}

const schemas = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }).properties as Record<string, z.core.JSONSchema.JSONSchema>;

const variables: readonly Variable[] = Object.entries(configSchema.shape).map(([name, field]) => {
  const fallback = field.safeParse(undefined).data as string | number | boolean | string[] | undefined;
  return { name, meaning: schemas[name]!.description ?? '', fallback: fallback === undefined ? undefined : String(fallback), values: valuesOf(schemas[name]!) };
});

function valuesOf({ enum: choices, type, minimum, maximum, exclusiveMinimum, minLength, maxLength }: z.core.JSONSchema.JSONSchema): string {
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(' ');
  if (type === 'integer') return `${minimum} to ${maximum}`;
  if (type === 'number') return `above ${exclusiveMinimum}, at most ${maximum}`;
  if (maxLength !== undefined) return `${minLength ?? 0} to ${maxLength} characters`;
  return 'text';
}

/** The README's table of variables. */
export function configTable(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  return [
    '| Variable | Default | Values | Meaning |',
    '| --- | --- | --- | --- |',
    ...variables.map(({ name, fallback, values, meaning }) => `| \`${name}\` | ${fallback === undefined || fallback === '' ? '' : `\`${fallback}\``} | ${cell(values)} | ${cell(meaning)} |`),
    '',
    `${SECRETS.map((name) => `\`${name}\``).join(', ')} may also be given as \`<NAME>_FILE\`, the path of a file that holds the value.`,
  ].join('\n');
}

/** The whole of `.env.example`: every variable, commented out, at its default. */
export function environmentExample(): string {
  const blocks = variables.map(({ name, fallback, values, meaning }) => `# ${meaning} (${values.replaceAll('`', '')})\n#${name}=${fallback ?? ''}\n`);
  return ['# Every variable that Plaza reads, at its default. Copy this file to .env, take the # away from the lines to change,\n# and load it before the start: set -a; . ./.env; set +a; npm start\n', ...blocks].join('\n');
}
