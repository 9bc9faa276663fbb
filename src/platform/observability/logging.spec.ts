import { describe, expect, it } from '@jest/globals';
import { createLogger, NestLogger } from './logging.js';

function logged(level: string, write: (logger: NestLogger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(new NestLogger(createLogger(level, { write: (line) => void lines.push(line) })));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const SECRETS = {
  password: 'hunter2', current: 'hunter2', next: 'hunter2', token: 'hunter2', accessToken: 'hunter2', refreshToken: 'hunter2', secret: 'hunter2', passwordHash: 'hunter2',
  authorization: 'hunter2', Authorization: 'hunter2', cookie: 'hunter2', 'set-cookie': ['hunter2'], 'x-token': 'hunter2', 'X-Token': 'hunter2',
};

describe('the log', () => {
  it('is JSON lines with the time, the level and the context', () => {
    const [line] = logged('info', (logger) => logger.log('it runs', 'Plaza'));
    expect(line).toEqual({ level: 30, time: expect.stringMatching(/^\d{4}-.*Z$/), context: 'Plaza', msg: 'it runs' });
  });

  it.each([
    ['at the top', SECRETS],
    ['in a body', { body: SECRETS }],
    ['in the headers of a request', { request: { headers: SECRETS } }],
    ['deep down', { a: { b: { c: { d: { e: SECRETS } } } } }],
    ['in a list', { requests: [{ headers: SECRETS }] }],
    ['on an error', { err: Object.assign(new Error('failed'), SECRETS) }],
    ['on the error behind an error', { err: new Error('failed', { cause: Object.assign(new Error('deeper'), SECRETS) }) }],
    ['deeper than is looked', { a: { b: { c: { d: { e: { f: { g: { h: { i: SECRETS } } } } } } } } }],
  ])('never shows a secret %s', (_, fields) => {
    const lines = logged('trace', (logger) => logger.error({ requestId: 'r1', ...fields }, 'http'));
    expect(lines).toHaveLength(1);
    expect(lines[0]!['requestId']).toBe('r1');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('never shows what a failed query was about', () => {
    const err = Object.assign(new Error('ER_SOMETHING'), {
      query: 'UPDATE member SET password_hash = ? WHERE email = ?', parameters: ['hunter2', 'a@example.org'], driverError: Object.assign(new Error('x'), { sql: "… 'hunter2'", errno: 1205 }),
    });
    const [line] = logged('error', (logger) => logger.error({ err }, 'http'));
    expect(JSON.stringify(line)).not.toContain('hunter2');
    expect(line!['err']).toMatchObject({ message: 'ER_SOMETHING', query: expect.any(String), driverError: { errno: 1205 } });
  });

  it('leaves what is logged as it was', () => {
    const fields = { body: { password: 'hunter2', name: 'Ada' } };
    const [line] = logged('info', (logger) => logger.log(fields, 'http'));
    expect(fields.body.password).toBe('hunter2');
    expect(line!['body']).toEqual({ password: '[redacted]', name: 'Ada' });
  });

  it('survives circles and odd values', () => {
    const circle: Record<string, unknown> = { bytes: Buffer.from('hunter2'), at: new Date(0), none: null, missing: undefined };
    circle['self'] = circle;
    const [line] = logged('info', (logger) => logger.log(circle, 'http'));
    expect(line).toMatchObject({ at: '1970-01-01T00:00:00.000Z', bytes: '[bytes]', none: null });
  });

  it('keeps errors whole, wherever a library puts them', () => {
    const error = new TypeError('out of coffee', { cause: new Error('no beans') });
    const lines = logged('warn', (logger) => {
      logger.error(error, 'Kitchen');
      logger.warn(error, 'could not brew', 'Kitchen');
      logger.error('could not brew', error, 'Kitchen');
      logger.error('could not brew', 'the stack', 'Kitchen');
    });
    for (const line of lines.slice(0, 3)) {
      expect(line['err']).toMatchObject({ type: 'TypeError', message: 'out of coffee', stack: expect.stringContaining('logging.spec'), cause: { message: 'no beans' } });
      expect(line['context']).toBe('Kitchen');
    }
    expect(lines.map(({ msg }) => msg)).toEqual(['out of coffee', 'could not brew', 'could not brew', 'could not brew']);
    expect(lines[3]).toMatchObject({ more: 'the stack', context: 'Kitchen' });
  });

  it('is quiet below its level', () => {
    expect(logged('warn', (logger) => logger.log('chatter', 'x'))).toEqual([]);
    expect(logged('silent', (logger) => logger.fatal('chatter', 'x'))).toEqual([]);
    const levels = logged('trace', (logger) => [logger.verbose('x'), logger.debug('x'), logger.log('x'), logger.warn('x'), logger.error('x'), logger.fatal('x')]).map(({ level }) => level);
    expect(levels).toEqual([10, 20, 30, 40, 50, 60]);
  });
});
