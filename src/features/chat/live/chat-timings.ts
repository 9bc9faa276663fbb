import { Injectable } from '@nestjs/common';

/** How live signs keep time, in milliseconds. One injectable object, so that tests can shorten it. */
@Injectable()
export class ChatTimings {
  /** How long a receipt waits for others to be stored with. */
  readonly receiptsTogether: number = 60;
  /** The others of a conversation are told of one member's marks at most so often. */
  readonly receiptEvery: number = 250;
  /** How long somebody is typing who says so once. */
  readonly typing: number = 5_000;
  /** The others are told so again, at most so often: some have come meanwhile. */
  readonly typingEvery: number = 2_000;
  /** Comings and goings within this time are told together. */
  readonly presenceTogether: number = 50;
  /** How long a member without a socket is online still. */
  readonly presenceGrace: number = 30_000;
  /** How often a process says who is there: what was lost is made good so. */
  readonly presenceRepeat: number = 20_000;
  /** A process that was not heard of for so long is dead. */
  readonly presenceLapse: number = 60_000;
}
