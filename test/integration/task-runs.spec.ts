import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TaskRuns } from '../../src/platform/jobs/task-runs.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

describe('task runs', () => {
  let db: TestDatabase;
  let tasks: TaskRuns;
  let done: string[];

  beforeAll(async () => {
    db = await openTestDatabase();
    tasks = new TaskRuns(db.transactions, db.database);
  });
  beforeEach(async () => {
    await db.truncate();
    done = [];
  });
  afterAll(() => db.close());

  const once = (task: string, period: string) => tasks.once(task, period, async () => void done.push(`${task} ${period}`));

  it('do work once per task and period, also from another process', async () => {
    expect(await once('sweep', '2026-01-31')).toBe(true);
    expect(await once('sweep', '2026-01-31')).toBe(false);
    expect(await new TaskRuns(db.transactions, db.database).once('sweep', '2026-01-31', async () => void done.push('again'))).toBe(false);
    expect(await once('sweep', '2026-02-01')).toBe(true);
    expect(await once('other', '2026-01-31')).toBe(true);
    expect(done).toEqual(['sweep 2026-01-31', 'sweep 2026-02-01', 'other 2026-01-31']);
  });

  it('do again what failed or was left unfinished', async () => {
    await expect(tasks.once('sweep', 'p', () => Promise.reject(new Error('half way')))).rejects.toThrow('half way');
    const [row] = await db.database.rows<{ finished: Date | null }>("SELECT finished_at AS finished FROM task_run WHERE task = 'sweep'");
    expect(row).toEqual({ finished: null });
    expect(await once('sweep', 'p')).toBe(true);
    expect(await once('sweep', 'p')).toBe(false);
  });

  it('leave one finished row when several processes come at once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => once('sweep', 'p')));
    expect(done.length).toBeGreaterThanOrEqual(1);
    expect(await db.database.rows("SELECT task FROM task_run WHERE finished_at IS NOT NULL")).toHaveLength(1);
    expect(await once('sweep', 'p')).toBe(false);
  });
});
