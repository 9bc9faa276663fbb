import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { LRUCache } from 'lru-cache';
import { actorOf } from '../auth/actor-context.js';
import { Config } from '../config/config.js';
import { rateLimited } from '../errors/house.errors.js';

/** Requests a minute in each class of routes, before RATE_LIMIT_SCALE. */
const PER_MINUTE = {
  /** GET and HEAD. */
  read: 1200,
  /** Everything that changes something. */
  write: 300,
  /** What programs send on and on while their member does one thing: parts of an upload (a GiB in pieces of a MiB is a thousand), receipts, signals of a call. */
  frequent: 6000,
  /** Pictures drawn for whoever asks: a page shows dozens of them. */
  render: 600,
  /** Sign-up, sign-in and refresh: each costs a password hash or guards one. */
  auth: 60,
} as const;

export type RateClass = keyof typeof PER_MINUTE;
const RATE_CLASS = 'plaza:rate-class';

/** Counts a route in another class than its method says, or a socket event in another than `read`. */
export const RateLimit = (rateClass: RateClass) => SetMetadata(RATE_CLASS, rateClass);

/**
 * Limits requests per actor (per address where nobody is signed in) and class of routes, and says so in
 * the RateLimit headers (draft-ietf-httpapi-ratelimit-headers). Socket events count like requests, since they cost the same.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly limiters: Record<RateClass, RateLimiterMemory>;

  constructor(
    private readonly reflector: Reflector,
    config: Config,
  ) {
    const limiter = (rateClass: RateClass) =>
      new RateLimiterMemory({ points: Math.max(1, Math.floor(PER_MINUTE[rateClass] * config.RATE_LIMIT_SCALE)), duration: 60, keyPrefix: rateClass });
    this.limiters = { read: limiter('read'), write: limiter('write'), frequent: limiter('frequent'), render: limiter('render'), auth: limiter('auth') };
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const given = this.reflector.get<RateClass | undefined>(RATE_CLASS, context.getHandler());
    if (context.getType() === 'ws') return this.countEvent(context, this.limiters[given ?? 'read']);
    const [request, reply] = context.getArgs<[FastifyRequest, FastifyReply]>();
    const rateClass = given ?? (request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'write');
    const limiter = this.limiters[rateClass];
    const say = (counted: RateLimiterRes): number => {
      const seconds = secondsLeft(counted);
      void reply.header('RateLimit-Policy', `"${rateClass}";q=${limiter.points};w=60`);
      void reply.header('RateLimit', `"${rateClass}";r=${counted.remainingPoints};t=${seconds}`);
      return seconds;
    };
    return limiter.consume(actorOf(context)?.memberId ?? request.ip).then(
      (counted) => {
        say(counted);
        return true;
      },
      (refusal: unknown) => {
        throw refusal instanceof RateLimiterRes ? rateLimited({ retryAfterSeconds: say(refusal) }) : refusal;
      },
    );
  }

  private countEvent(context: ExecutionContext, limiter: RateLimiterMemory): Promise<boolean> {
    return consume(limiter, actorOf(context)!.memberId).then(() => true);
  }
}

/** Counts one more under a key. @throws rateLimited when that is one too many */
export async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    throw refusal instanceof RateLimiterRes ? rateLimited({ retryAfterSeconds: secondsLeft(refusal) }) : refusal;
  }
}

function secondsLeft({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}

/** Refused credentials per address and minute, before RATE_LIMIT_SCALE: an office whose tokens all expire at once stays below. */
const REFUSALS_PER_MINUTE = 300;
const ADDRESSES = 50_000;

/**
 * Stops an address that keeps coming with bad credentials before they are looked at: guards refuse such
 * requests before they are counted against anyone.
 *
 * @param refuse sends the error as an answer
 */
export function limitRefusedCredentials(fastify: FastifyInstance, scale: number, refuse: (error: Error, request: FastifyRequest, reply: FastifyReply) => void): void {
  const refusals = new LRUCache<string, number>({ max: ADDRESSES, ttl: 60_000 });

  fastify.addHook('onRequest', (request, reply, done) => {
    const { authorization, 'x-token': apiToken } = request.headers;
    if ((authorization ?? apiToken) === undefined || (refusals.get(request.ip) ?? 0) < REFUSALS_PER_MINUTE * scale) done();
    else refuse(rateLimited({ retryAfterSeconds: Math.max(1, Math.ceil(refusals.getRemainingTTL(request.ip) / 1000)) }), request, reply);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    if (reply.statusCode === 401) refusals.set(request.ip, (refusals.get(request.ip) ?? 0) + 1, { noUpdateTTL: true });
    done();
  });
}
