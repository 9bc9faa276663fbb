import { IsIn, IsUUID, ValidateBy } from 'class-validator';
import { LowerCased, MayBeAbsent } from '../../../platform/http/fields.js';
import { MOST_CANDIDATE_BYTES, MOST_SDP_BYTES } from '../calls/call.rules.js';
import { CALL_MEDIA, type CallMedia } from '../calls/calls.types.js';

/** A text that is passed on as it is. */
const Sdp = () =>
  ValidateBy({
    name: 'sdp',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= MOST_SDP_BYTES,
      defaultMessage: () => `$property must be a text of at most ${MOST_SDP_BYTES} bytes`,
    },
  });

/** Any JSON, passed on as it is. */
const Candidate = () =>
  ValidateBy({
    name: 'candidate',
    validator: {
      validate: (value: unknown) => value !== undefined && Buffer.byteLength(JSON.stringify(value)) <= MOST_CANDIDATE_BYTES,
      defaultMessage: () => `$property must be JSON of at most ${MOST_CANDIDATE_BYTES} bytes`,
    },
  });

/** The payload of `call.invite`. */
export class InviteToCallDto {
  @IsUUID()
  @LowerCased()
  conversationId: string;

  @MayBeAbsent()
  @IsIn(CALL_MEDIA)
  media: CallMedia = 'audio';
}

/** The payload of `call.accept`, `call.reject` and `call.hangup`. */
export class CallIdDto {
  @IsUUID()
  @LowerCased()
  callId: string;
}

class SignalDto extends CallIdDto {
  /** The member that it is for. */
  @IsUUID()
  @LowerCased()
  to: string;
}

/** The payload of `call.offer` and `call.answer`. */
export class CallSdpDto extends SignalDto {
  @Sdp()
  sdp: string;
}

/** The payload of `call.ice`. */
export class CallCandidateDto extends SignalDto {
  @Candidate()
  candidate: unknown;
}
