/** An HTTP answer as a value: what a handler returns when status or headers depend on what happened. */
export class Answer<Body = unknown> {
  constructor(
    readonly status: number,
    readonly body: Body,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}
