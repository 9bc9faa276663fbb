import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';

/** `__Host-`: browsers take it from this host alone, over https alone, so no neighbouring subdomain can plant one. */
const NAME = '__Host-plaza-sign-in';
/** Lax: the way back from the provider comes from another site, and is a plain navigation. */
const ATTRIBUTES = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const;

/** The header that leaves a sign-in under way with the browser; without one, that takes it away. */
export function signInCookie(flow?: { sealed: string; seconds: number }): { 'Set-Cookie': string } {
  return { 'Set-Cookie': stringifySetCookie(NAME, flow?.sealed ?? '', { ...ATTRIBUTES, maxAge: flow?.seconds ?? 0 }) };
}

/** The sign-in that the browser has under way, sealed; an empty text without one. */
export const SignInCookie = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { cookie } = context.switchToHttp().getRequest<FastifyRequest>().headers;
  return parseCookie(cookie ?? '')[NAME] ?? '';
});

/** The query as it came, repeated parameters and all. */
export const RawQuery = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { url } = context.switchToHttp().getRequest<FastifyRequest>();
  return url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
});
