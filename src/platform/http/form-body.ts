import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify';
import { requestInvalid } from '../errors/house.errors.js';
import { faultOf } from './json-body.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** See {@link TakesForm}. */
    takesForm?: boolean;
  }
}

export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** A route that takes what an HTML form sends beside JSON: every field is a text. Elsewhere a page of somebody else's could send one unasked. */
export const TakesForm = () => RouteConfig({ takesForm: true });

/** Whether a form was sent: whoever filled it in wants to see a page. */
export const IsForm = createParamDecorator((_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>().mediaType === FORM_TYPE);

/** Reads the bodies of routes that say {@link TakesForm}. */
export function readFormBodies(fastify: FastifyInstance): void {
  fastify.addContentTypeParser<string>(FORM_TYPE, { parseAs: 'string' }, (request, text, done) => {
    if (request.routeOptions.config.takesForm !== true) return done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
    const fields = [...new URLSearchParams(text)];
    const body = Object.fromEntries(fields);
    const fault = Object.keys(body).length < fields.length ? { path: '', message: 'must not have a field twice' } : faultOf(body);
    if (fault === undefined) done(null, body);
    else done(requestInvalid({ errors: [fault] }));
  });
}
