import { Injectable } from '@nestjs/common';

/** How sockets keep time, in milliseconds. One injectable object, so that tests can shorten it. */
@Injectable()
export class RealtimeTimings {
  /** An event that has no answer by then is answered for its handler. */
  readonly answerWithin: number = 10_000;
}
