const PROGRESS_EVERY_MS = 2_000;

/** Reports after two seconds, and every two seconds from then on: quick work stays silent. */
export function showProgress(report: (text: string) => void, what: string): { end(): void } {
  const started = Date.now();
  const timer = setInterval(() => report(`${what} … ${Math.round((Date.now() - started) / 1000)} s`), PROGRESS_EVERY_MS);
  return { end: () => clearInterval(timer) };
}
