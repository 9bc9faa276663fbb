import { IsUUID } from 'class-validator';

/** The payload of `poll.subscribe` and `poll.unsubscribe`. */
export class WatchPollDto {
  @IsUUID()
  pollId: string;
}
