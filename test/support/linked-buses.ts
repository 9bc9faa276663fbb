import type { ProcessBus } from '../../src/platform/realtime/process-bus.js';

interface LinkedBus extends Pick<ProcessBus, 'processId' | 'connected' | 'publish' | 'on'> {
  readonly listeners: Map<string, (payload: never, processId: string) => void>;
}

/** Buses that hear each other at once and without Redis, as if each were in a process of its own. */
export class LinkedBuses {
  private readonly buses = new Map<ProcessBus, LinkedBus>();
  /** Whether everything is lost. */
  isCut = false;

  add(): ProcessBus {
    const processId = crypto.randomUUID();
    const listeners: LinkedBus['listeners'] = new Map();
    const bus: LinkedBus = {
      processId,
      connected: Promise.resolve(),
      listeners,
      publish: (topic, payload) => {
        if (this.isCut || !this.buses.has(asBus(bus))) return;
        const text = JSON.stringify(payload);
        for (const other of this.buses.values()) if (other !== bus) other.listeners.get(topic)?.(JSON.parse(text) as never, processId);
      },
      on: (topic, listener) => void listeners.set(topic, listener),
    };
    this.buses.set(asBus(bus), bus);
    return asBus(bus);
  }

  /** Its process has died. */
  remove(bus: ProcessBus): void {
    this.buses.delete(bus);
  }
}

const asBus = (bus: LinkedBus) => bus as unknown as ProcessBus;
