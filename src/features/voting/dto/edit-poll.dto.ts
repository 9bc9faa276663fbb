import { PartialType } from '@nestjs/swagger';
import { PollSettingsDto } from './make-poll.dto.js';

/** `PATCH /api/polls/:id`: what is left out stays as it is. Null means nothing only where the poll may have none. */
export class EditPollDto extends PartialType(PollSettingsDto, { skipNullProperties: false }) {}
