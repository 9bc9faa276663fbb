import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 25;

/** Tries until `attempt` throws no more, and throws what it threw last when `withinMs` are over. */
export async function eventually<T>(attempt: () => Promise<T> | T, withinMs = 5_000): Promise<T> {
  for (const started = Date.now(); ; await sleep(EVERY_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() - started > withinMs) throw error;
    }
  }
}
