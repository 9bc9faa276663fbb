import { open } from 'node:fs/promises';
import type { ScanVerdict, Scanner } from './virus-scan.js';

/** In two halves: written whole, scanners would take this very file away. */
const EICAR = Buffer.from('X5O!P%@AP[4\\PZX54(P^)7CC)7}$' + 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*');

const WINDOW_BYTES = 256 * 1024;

/** Finds the EICAR test string anywhere in a file, and nothing else: it shows that checking works, and is no protection. */
export class EicarScanner implements Scanner {
  async scan(path: string, signal: AbortSignal): Promise<ScanVerdict> {
    // One buffer for the whole file: a stream would leave gigabytes of them for the collector.
    const window = Buffer.alloc(EICAR.length + WINDOW_BYTES);
    const file = await open(path);
    try {
      for (let kept = 0; ; ) {
        signal.throwIfAborted();
        const { bytesRead } = await file.read(window, kept, WINDOW_BYTES);
        if (bytesRead === 0) return 'clean';
        const end = kept + bytesRead;
        if (window.subarray(0, end).includes(EICAR)) return 'infected';
        // It may lie across the border.
        kept = Math.min(end, EICAR.length - 1);
        window.copyWithin(0, end - kept, end);
      }
    } finally {
      await file.close();
    }
  }
}
