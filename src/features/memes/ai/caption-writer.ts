import type { WrittenCaption } from './caption.types.js';

/** Whoever writes captions: an endpoint elsewhere, or Plaza itself. */
export abstract class CaptionWriter {
  /** Told to whoever asked, as `generatedBy`. */
  abstract readonly name: string;

  /**
   * @param prompt what the member asked for: never logged
   * @param signal ends the work: nobody waits for what comes later
   * @throws whatever went wrong; the caller makes it one error
   */
  abstract write(prompt: string, signal: AbortSignal): Promise<WrittenCaption>;
}
