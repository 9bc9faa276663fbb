/** Those who wait until something happens: each is woken by the first of several things, and then waits for none. */
export class NewsWaiters {
  private readonly byKey = new Map<string, Set<() => void>>();
  private hasEnded = false;

  /** Resolves when one of these is woken, or `signal` is aborted, or nobody may wait any more. */
  wait(keys: readonly string[], signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        for (const key of keys) this.leave(key, wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      for (const key of keys) this.byKey.set(key, (this.byKey.get(key) ?? new Set()).add(wake));
      if (signal.aborted || this.hasEnded) wake();
      else signal.addEventListener('abort', wake);
    });
  }

  /** Whether anybody waits for this. */
  has(key: string): boolean {
    return this.byKey.has(key);
  }

  wake(key: string): void {
    for (const wake of [...(this.byKey.get(key) ?? [])]) wake();
  }

  /** Wakes everybody, and keeps nobody waiting from now on. */
  end(): void {
    this.hasEnded = true;
    for (const key of [...this.byKey.keys()]) this.wake(key);
  }

  private leave(key: string, wake: () => void): void {
    const waiting = this.byKey.get(key);
    waiting?.delete(wake);
    if (waiting?.size === 0) this.byKey.delete(key);
  }
}
