import { createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { SecretKeys } from '../config/secret-keys.js';
import { accessTokenExpired, accessTokenInvalid, authRequired } from '../errors/house.errors.js';
import type { Role } from './permissions.js';

/** What an access token says about its bearer. */
export interface AccessClaims {
  /** Member id. */
  sub: string;
  /** Session id. */
  sid: string;
  role: Role;
  /** Permission bitmap, base64url (see PermissionSet). */
  perms: string;
  /** Permission version of the member when the token was made. */
  pv: number;
  /** When the first of the permissions ends, in seconds since 1970; absent when none does. */
  permsUntil?: number;
}

/** How long an access token lasts at most. */
export const ACCESS_TOKEN_SECONDS = 15 * 60;
const REMEMBERED_TOKENS = 10_000;
/** The one spelling under which a token is remembered: bounded, and with nothing after it. */
const BEARER = /^Bearer ([\w-]{1,200}\.[\w-]{1,1000}\.[\w-]{43})$/;

/** Access tokens: JWT (RFC 7519), HS256, 15 minutes, with the key's id in the header. Checked by passport-jwt. */
@Injectable()
export class AccessTokens {
  private readonly keys: { id: string; key: KeyObject }[];
  private readonly strategy: Strategy;
  /** Tokens that were found genuine: the same bytes stay so, and only their expiry is looked at again. */
  private readonly genuine = new LRUCache<string, AccessClaims & { exp: number }>({ max: REMEMBERED_TOKENS });

  constructor(keys: SecretKeys) {
    this.keys = keys.live('jwt').map(({ id, key }) => ({ id, key: createSecretKey(key) }));
    this.strategy = new Strategy(
      {
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        algorithms: ['HS256'],
        // Typed as text or bytes; jsonwebtoken takes the KeyObject as it is and is spared making one per token.
        secretOrKeyProvider: (_request, token: string, done) => done(null, this.keyOf(token) as unknown as Buffer),
      },
      (claims: AccessClaims, done) => done(null, claims),
    );
  }

  /** @param until when the first of the permissions ends: the token lasts no longer */
  sign(claims: Omit<AccessClaims, 'permsUntil'>, until?: Date): { accessToken: string; expiresIn: number } {
    const { id, key } = this.keys[0]!;
    const iat = Math.floor(Date.now() / 1000);
    const permsUntil = until && Math.floor(until.getTime() / 1000);
    const exp = Math.min(iat + ACCESS_TOKEN_SECONDS, permsUntil ?? Infinity);
    const accessToken = jwt.sign({ ...claims, ...(permsUntil !== undefined && { permsUntil }), iat, exp }, key, { algorithm: 'HS256', keyid: id });
    return { accessToken, expiresIn: Math.max(exp - iat, 0) };
  }

  /**
   * @param authorization the Authorization header
   * @throws authRequired without a bearer token; accessTokenExpired; accessTokenInvalid for everything else
   */
  verify(authorization: string | undefined): AccessClaims | Promise<AccessClaims> {
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (token === undefined) return this.check(authorization);
    const known = this.genuine.get(token);
    if (known !== undefined) {
      if (known.exp * 1000 <= Date.now()) throw accessTokenExpired();
      return known;
    }
    return this.check(authorization).then((claims) => {
      this.genuine.set(token, claims);
      return claims;
    });
  }

  private check(authorization: string | undefined): Promise<AccessClaims & { exp: number }> {
    return new Promise((resolve, reject) => {
      // What passport does per request: the strategy reports to methods of an object of its own.
      const attempt = Object.assign(Object.create(this.strategy) as Strategy, {
        success: (claims: AccessClaims & { exp: number }) => resolve(claims),
        fail: (reason: Error) => reject(refusal(reason)),
        error: reject,
      });
      try {
        attempt.authenticate({ headers: { authorization } } as never);
      } catch {
        // jsonwebtoken trips over a genuine token whose claims are null: no caller's mistake may look like ours.
        reject(accessTokenInvalid());
      }
    });
  }

  private keyOf(token: string): KeyObject {
    const kid = headerOf(token)?.kid;
    return (this.keys.find(({ id }) => id === kid) ?? this.keys[0]!).key;
  }
}

/** The header alone: `jwt.decode` also parses the payload, and throws where that is no JSON. */
function headerOf(token: string): { kid?: unknown } | null {
  try {
    return JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString()) as { kid?: unknown } | null;
  } catch {
    return null;
  }
}

function refusal(reason: Error): Error {
  if (reason instanceof jwt.TokenExpiredError) return accessTokenExpired();
  // A SyntaxError is a payload that is no JSON; any other is the strategy's word for no bearer token at all.
  return reason instanceof jwt.JsonWebTokenError || reason instanceof SyntaxError ? accessTokenInvalid() : authRequired();
}
