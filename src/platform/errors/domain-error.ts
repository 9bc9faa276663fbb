/**
 * The kinds a domain error may have and the HTTP status each is answered with.
 * The kind says whose move it is next; the code says what exactly happened.
 */
export const STATUS_BY_KIND = {
  malformed: 400,
  unauthenticated: 401,
  'payment-required': 402,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  gone: 410,
  precondition: 412,
  'too-large': 413,
  'unsupported-media': 415,
  unprocessable: 422,
  locked: 423,
  'too-many': 429,
  /** Of the tus protocol: what came is not what was sent. */
  'checksum-mismatch': 460,
  /** Somebody else, whom Plaza asked, failed. */
  'bad-gateway': 502,
  unavailable: 503,
  'storage-full': 507,
} as const;

export type ErrorKind = keyof typeof STATUS_BY_KIND;

/** Details that travel with an error into the answer. Nothing in here may be a secret. */
export type ErrorDetails = Record<string, unknown>;

/**
 * A refusal that is part of the API: thrown by rules, repositories and services, mapped by one
 * place to a problem+json body or to a socket acknowledgement.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message);
  }
}

/** A declared error: call it to make the error, read `code` and `kind` to document or match it. */
export interface ErrorDefinition<Details extends ErrorDetails = ErrorDetails> {
  (details?: Details, message?: string): DomainError;
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  /** True when `error` was made by this definition. */
  matches(error: unknown): error is DomainError;
}

const declared = new Map<string, ErrorDefinition>();

/**
 * Declares one error code of the API. Codes are never reused: declaring one twice is a fault at import.
 *
 * @param code `<feature>.<what>` in kebab-case
 * @param message says what went wrong and what to do about it; shown to members
 */
export function defineError<Details extends ErrorDetails = ErrorDetails>(
  code: string,
  kind: ErrorKind,
  message: string,
): ErrorDefinition<Details> {
  if (declared.has(code)) throw new Error(`error code ${code} is declared twice`);
  const make = (details?: Details, text: string = message): DomainError =>
    new DomainError(code, kind, text, details ?? {});
  const definition = Object.assign(make, {
    code,
    kind,
    matches: (error: unknown): error is DomainError => error instanceof DomainError && error.code === code,
  }) as unknown as ErrorDefinition<Details>;
  Object.defineProperty(definition, 'message', { value: message });
  declared.set(code, definition as unknown as ErrorDefinition);
  return definition;
}

/** Every code declared by the modules loaded so far, for the OpenAPI document and the tests. */
export function declaredErrors(): ErrorDefinition[] {
  return [...declared.values()];
}
