import { describe, expect, it } from '@jest/globals';
import { HttpException, NotFoundException } from '@nestjs/common';
import { STATUS_BY_KIND, defineError, type ErrorKind } from '../errors/domain-error.js';
import { rateLimited } from '../errors/house.errors.js';
import { problemOf, refusalOf } from './problem.js';

describe('an error becomes an answer', () => {
  it.each(Object.entries(STATUS_BY_KIND) as [ErrorKind, number][])('of kind %s with status %d', (kind, status) => {
    const error = defineError(`spec.${kind}`, kind, 'It was refused.')({ seat: 7 });
    expect(refusalOf(error)).toEqual({ status, code: `spec.${kind}`, message: 'It was refused.', details: { seat: 7 }, unexpected: false });
  });

  it.each<[string, unknown, number, string]>([
    ['Nest\'s 404', new NotFoundException('Cannot GET /x'), 404, 'not-found'],
    ['Fastify\'s 413', Object.assign(new Error('too big'), { statusCode: 413 }), 413, 'request.too-large'],
    ['Fastify\'s 415', Object.assign(new Error('media'), { statusCode: 415 }), 415, 'request.invalid'],
    ['Fastify\'s 400', Object.assign(new Error('json'), { statusCode: 400 }), 400, 'request.invalid'],
    ['a 500 of a library', Object.assign(new Error('x'), { statusCode: 500 }), 500, 'internal'],
    ['a 3xx of a library', Object.assign(new Error('x'), { statusCode: 302 }), 500, 'internal'],
    ['a 502 of Nest', new HttpException('x', 502), 500, 'internal'],
    ['a database that is gone', Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:3306'), { code: 'ECONNREFUSED', syscall: 'connect', fatal: true }), 503, 'server.busy'],
    ['an Error', new Error('secret'), 500, 'internal'],
    ['a text', 'secret', 500, 'internal'],
    ['null', null, 500, 'internal'],
    ['undefined', undefined, 500, 'internal'],
    ['an object that looks like a DomainError', { code: 'auth.required', kind: 'unauthenticated', message: 'secret' }, 500, 'internal'],
  ])('%s', (_, error, status, code) => {
    const refusal = refusalOf(error);
    expect(refusal).toMatchObject({ status, code, unexpected: status >= 500 });
    expect(JSON.stringify(problemOf(refusal, 'r1'))).not.toMatch(/secret|10\.0\.0\.7|Cannot GET/);
  });

  it('whose details cannot overwrite what the answer is about', () => {
    const error = defineError('spec.sly', 'conflict', 'It was refused.')({ status: 200, code: 'ok', requestId: 'other', detail: 'all is well', seat: 7 });
    expect(problemOf(refusalOf(error), 'r1')).toEqual({ type: 'about:blank', title: 'Conflict', status: 409, detail: 'It was refused.', code: 'spec.sly', requestId: 'r1', seat: 7 });
  });

  it('with the details a client needs', () => {
    expect(problemOf(refusalOf(rateLimited({ retryAfterSeconds: 3 })), 'r1')).toMatchObject({ status: 429, title: 'Too Many Requests', retryAfterSeconds: 3 });
  });
});
