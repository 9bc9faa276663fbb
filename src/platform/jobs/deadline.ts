/**
 * Does `work` with a signal that is aborted when the time is over, or with another signal. Not by `AbortSignal.any` of an
 * `AbortSignal.timeout`: on Node 20 the collector may take the timeout away, and it is never over.
 *
 * @param ms how long `work` may take, in milliseconds
 */
export async function withDeadline<T>(ms: number, other: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const end = () => controller.abort(other.reason);
  const timer = setTimeout(() => controller.abort(new DOMException(`it took longer than ${ms} ms`, 'TimeoutError')), ms);
  if (other.aborted) end();
  other.addEventListener('abort', end, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    other.removeEventListener('abort', end);
  }
}
