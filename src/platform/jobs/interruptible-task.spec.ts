import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { InterruptibleTask } from './interruptible-task.js';

/** Work that goes on until it is told to go on or to stop. */
function stepping() {
  const steps: string[] = [];
  let next!: () => void;
  const task = new InterruptibleTask('steps', async (signal) => {
    steps.push('begun');
    await new Promise<void>((resolve) => (next = resolve));
    signal.throwIfAborted();
    steps.push('ended');
  });
  return { task, steps, next: () => next() };
}

describe('an interruptible task', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('runs once at a time, and again afterwards', async () => {
    const { task, steps, next } = stepping();
    const [first, second] = [task.run(), task.run()];
    expect(second).toBe(first);
    next();
    await first;
    expect(steps).toEqual(['begun', 'ended']);
    const third = task.run();
    next();
    await third;
    expect(steps).toEqual(['begun', 'ended', 'begun', 'ended']);
  });

  it('is stopped when the run at work has left off, begins no other, and says nothing of it', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const { task, steps, next } = stepping();
    const running = task.run();
    let stopped = false;
    const stopping = task.stop().then(() => (stopped = true));
    await Promise.resolve();
    expect(stopped).toBe(false);
    next();
    await Promise.all([running, stopping]);
    await task.run();
    expect(steps).toEqual(['begun']);
    expect(logged).not.toHaveBeenCalled();
  });

  it('survives a run that fails, and logs it even while stopping', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    let fail!: (error: Error) => void;
    const task = new InterruptibleTask('failing', () => new Promise((_, reject) => (fail = reject)));
    const first = task.run();
    fail(new Error('no database'));
    await first;
    const second = task.run();
    const stopping = task.stop();
    fail(new Error('no database'));
    await Promise.all([second, stopping]);
    expect(logged).toHaveBeenCalledTimes(2);
  });
});
