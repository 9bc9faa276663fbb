import { Injectable } from '@nestjs/common';

/** How workers keep time, in milliseconds. One injectable object, so that tests can shorten it. */
@Injectable()
export class JobTimings {
  /** How long an idle worker waits before it looks again; new work in this process wakes it at once. */
  readonly poll: number = 1_000;
  /** A quarter of the lease, so that three lost heartbeats lose nothing. */
  readonly heartbeat: number = 15_000;
  readonly lease: number = 60_000;
  /** How long a stopping worker waits for running work to notice before it gives the leases back. */
  readonly drain: number = 3_000;
}
