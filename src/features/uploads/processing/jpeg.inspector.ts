import { createReadStream } from 'node:fs';

const [END_OF_IMAGE, START_OF_SCAN] = [0xd9, 0xda];
/** Neither a length nor anything else stands behind these: stuffing, fill, restarts, the start of the image. */
const isBare = (code: number): boolean => code === 0x00 || code === 0x01 || code === 0xff || (code >= 0xd0 && code <= 0xd8);

/**
 * How often a JPEG goes over its pixels. Nothing bounds that but the size of the file, a scan of millions of
 * pixels may take a few bytes, and the decoder cannot be stopped before the last one.
 *
 * @returns the number of its scans, or `enough` when it has at least as many
 */
export async function scansOf(file: string, enough: number): Promise<number> {
  const walk = new MarkerWalk();
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    walk.over(chunk);
    if (walk.ended || walk.scans >= enough) break;
  }
  return Math.min(walk.scans, enough);
}

/** Goes from marker to marker, as decoders do: over segments by their length, over all else to the next 0xff. */
class MarkerWalk {
  scans = 0;
  ended = false;
  private skipped = 0;
  private expects: 'marker' | 'code' | 'high' | 'low' = 'marker';
  private high = 0;

  over(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.ended) {
      if (this.skipped > 0) {
        const step = Math.min(this.skipped, chunk.length - at);
        this.skipped -= step;
        at += step;
      } else if (this.expects === 'marker') {
        const found = chunk.indexOf(0xff, at);
        if (found === -1) return;
        this.expects = 'code';
        at = found + 1;
      } else this.take(chunk[at++]!);
    }
  }

  private take(byte: number): void {
    if (this.expects === 'high') {
      this.high = byte;
      this.expects = 'low';
    } else if (this.expects === 'low') {
      // The length counts itself.
      this.skipped = Math.max(0, this.high * 256 + byte - 2);
      this.expects = 'marker';
    } else this.meet(byte);
  }

  private meet(code: number): void {
    if (code === START_OF_SCAN) this.scans += 1;
    this.ended = code === END_OF_IMAGE;
    if (!isBare(code)) this.expects = 'high';
    else if (code !== 0xff) this.expects = 'marker';
  }
}
