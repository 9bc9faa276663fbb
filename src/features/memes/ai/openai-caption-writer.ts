import type { OpenAI } from 'openai';
import { captionIn } from './caption-answer.rules.js';
import { CaptionWriter } from './caption-writer.js';
import type { WrittenCaption } from './caption.types.js';

/** Of an answer: a caption fits in a hundredth of it, and an endpoint that never stops must not fill the memory. */
const MOST_BYTES = 64 * 1024;

const INSTRUCTIONS = 'You write captions of memes for a friendly community. Answer with nothing but JSON: {"upper": "…", "lower": "…"}, '
  + 'the words at the top and at the bottom of the picture, each one short line, in the language of the request. No insults, nothing coarse.';

/** Asks any endpoint that speaks the chat completions of OpenAI. What it answers is believed in nothing. */
export class OpenAiCaptionWriter extends CaptionWriter {
  readonly name: string;
  private client: Promise<OpenAI> | undefined;

  constructor(private readonly endpoint: { readonly baseUrl: string; readonly apiKey?: string; readonly model: string }) {
    super();
    this.name = endpoint.model;
  }

  async write(prompt: string, signal: AbortSignal): Promise<WrittenCaption> {
    this.client ??= connect(this.endpoint);
    const { choices } = await (await this.client).chat.completions.create(
      { model: this.endpoint.model, messages: [{ role: 'system', content: INSTRUCTIONS }, { role: 'user', content: prompt }] },
      { signal },
    );
    const caption = captionIn(choices[0]?.message.content);
    if (caption === undefined) throw new Error('the answer is no caption');
    return caption;
  }
}

/** The client is loaded when it is first needed: it is larger than all of Plaza. It reads the environment for whatever is not said here. */
async function connect({ baseUrl, apiKey }: { readonly baseUrl: string; readonly apiKey?: string }): Promise<OpenAI> {
  const { OpenAI: Client } = await import('openai');
  return new Client({
    baseURL: baseUrl,
    // Servers on one's own machine want none; the client insists.
    apiKey: apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    // A second try could not be told from the first by whoever waits, and would double the bill.
    maxRetries: 0,
    // Its log has prompts and answers in it.
    logLevel: 'off',
    fetch: async (url, init) => limited(await fetch(url, { ...init, redirect: 'error' })),
  });
}

/** The same answer, which fails when it goes on for too long. */
function limited(response: Response): Response {
  let bytes = 0;
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) controller.error(new Error('the answer is too long'));
      else controller.enqueue(chunk);
    },
  });
  return new Response(response.body?.pipeThrough(limit) ?? null, { status: response.status, headers: response.headers });
}
