/**
 * What a scanner says of a file. `unscannable`: it would not look at all of it, because the file is larger
 * than the scanner's own limits.
 */
export type ScanVerdict = 'clean' | 'infected' | 'unscannable';

export interface Scanner {
  /**
   * @param path a file on this machine; it is read as a stream
   * @param signal ends the scan, which then rejects
   * @throws ScannerUnavailable when it gives no verdict: nothing is known of the file
   */
  scan(path: string, signal: AbortSignal): Promise<ScanVerdict>;
}

/** The scanner cannot be reached, or answers nothing that is a verdict. Asking later may help. */
export class ScannerUnavailable extends Error {
  override readonly name = 'ScannerUnavailable';
}

/** Looks for malware in files: asks each scanner there is, and the first that finds something decides. */
export class VirusScan implements Scanner {
  constructor(private readonly scanners: readonly Scanner[]) {}

  async scan(path: string, signal: AbortSignal): Promise<ScanVerdict> {
    for (const scanner of this.scanners) {
      const verdict = await scanner.scan(path, signal);
      if (verdict !== 'clean') return verdict;
    }
    return 'clean';
  }
}
