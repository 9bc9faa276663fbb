import type { FastifyInstance } from 'fastify';
import { requestInvalid } from '../errors/house.errors.js';

const DEEPEST = 32;
/** Keys and items in all. Validation takes each of them in hand: what nobody sends on purpose must not cost seconds. */
const MOST_VALUES = 10_000;

/**
 * Reads JSON bodies, and refuses what no route could mean before any validator sees it: anything but an
 * object at the top, endless nesting or breadth, text that is no Unicode, and fields that would pass for
 * part of every object.
 */
export function readJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    // A POST without a body is often sent with a JSON content type all the same.
    if (text === '') return done(null, undefined);
    void parse(request, text, (error, body: unknown) => {
      const fault = error === null ? faultOf(body) : undefined;
      if (fault === undefined) done(error, body);
      else done(requestInvalid({ errors: [fault] }));
    });
  });
}

/** What is wrong with a parsed body as a whole; undefined when a route may look at it. */
export function faultOf(body: unknown): { path: string; message: string } | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { path: '', message: 'the body must be a JSON object' };
  // A stack of our own: recursion is what deep nesting is sent to break.
  const open: { value: object; depth: number }[] = [{ value: body, depth: 1 }];
  let values = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.depth > DEEPEST) return { path: '', message: `must not be nested deeper than ${DEEPEST} levels` };
    for (const [key, value] of Object.entries(next.value) as [string, unknown][]) {
      values += 1;
      if (values > MOST_VALUES) return { path: '', message: `must not have more than ${MOST_VALUES} fields and items` };
      if (key in Object.prototype) return { path: key, message: `property ${key} should not exist` };
      if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed())) return { path: key.toWellFormed(), message: 'must be well-formed Unicode' };
      if (typeof value === 'object' && value !== null) open.push({ value, depth: next.depth + 1 });
    }
  }
  return undefined;
}
