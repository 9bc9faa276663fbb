/** JSON text as it is sent by {@link Answer.json}. */
const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' } as const;

/**
 * An HTTP answer as a value: what a handler returns when status or headers depend on what happened.
 *
 * An object as body is made JSON. A text, or the bytes of one, goes out as it is, of the type that `headers` name:
 * a hot route that has its JSON already, from a cache or written by hand, names that type and nothing looks at it again.
 * Bytes are the cheapest: a text that was put together of pieces is copied three times on its way out.
 */
export class Answer<Body = unknown> {
  constructor(
    readonly status: number,
    readonly body: Body,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  /** 200 with a text that is JSON already; it is not checked. */
  static json(text: string, headers?: Readonly<Record<string, string>>): Answer<string> {
    return new Answer(200, text, headers === undefined ? JSON_TYPE : { ...JSON_TYPE, ...headers });
  }
}
