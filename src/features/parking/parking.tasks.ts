import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { InterruptibleTask } from '../../platform/jobs/interruptible-task.js';
import { DaySweep } from './guard/day-sweep.service.js';
import { Lapses } from './reservations/lapses.service.js';
import { WaitlistSweep } from './waitlist/waitlist-sweep.service.js';

/** Any number of processes may run these at once: each change is conditional, and what they tidy is over to every reader already. */
@Injectable()
export class ParkingTasks implements BeforeApplicationShutdown {
  private readonly lapses: InterruptibleTask;
  private readonly waitlist: InterruptibleTask;
  private readonly days: InterruptibleTask;

  constructor(lapses: Lapses, waitlist: WaitlistSweep, days: DaySweep) {
    this.lapses = new InterruptibleTask('parking: tidying what is over', async (signal) => void (await lapses.sweep(signal)));
    this.waitlist = new InterruptibleTask('parking: looking after who waits', (signal) => waitlist.run(signal));
    this.days = new InterruptibleTask('parking: removing days that are over', () => days.run());
  }

  @Cron(CronExpression.EVERY_5_SECONDS)
  tidy(): Promise<void> {
    return this.lapses.run();
  }

  @Cron(CronExpression.EVERY_MINUTE)
  lookAfterWaiting(): Promise<void> {
    return this.waitlist.run();
  }

  @Cron(CronExpression.EVERY_HOUR)
  removeDays(): Promise<void> {
    return this.days.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.lapses.stop(), this.waitlist.stop(), this.days.stop()]);
  }
}
