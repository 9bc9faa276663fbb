import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { requestInvalid, type InvalidField } from '../errors/house.errors.js';
import { FAULTS_SHOWN } from './validation.js';

/**
 * Checks the query parameters of a measured hot route against a zod schema, which takes a fraction of the time
 * of class-validator's decorators. A parameter without a value is left out, as a form sends it for an empty field.
 */
export class SchemaPipe<Schema extends z.ZodType> implements PipeTransform<Readonly<Record<string, unknown>>, z.output<Schema>> {
  constructor(private readonly schema: Schema) {}

  /** @throws requestInvalid naming each wrong and each unknown parameter */
  transform(given: Readonly<Record<string, unknown>>): z.output<Schema> {
    // Never by assignment: a parameter `__proto__` would become the prototype.
    const present = Object.values(given).includes('') ? Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')) : given;
    const result = this.schema.safeParse(present);
    if (!result.success) throw requestInvalid({ errors: result.error.issues.flatMap(fieldsOf).slice(0, FAULTS_SHOWN) });
    return result.data;
  }
}

function fieldsOf(issue: z.core.$ZodIssue): InvalidField[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((path) => ({ path, message: `property ${path} should not exist` }));
  return [{ path: issue.path.join('.'), message: issue.message }];
}
