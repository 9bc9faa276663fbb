import { Body, Controller, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid, serverBusy } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { RateLimit } from '../../../platform/http/rate-limit.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { chatBanned, seqAhead } from '../chat.errors.js';
import { ReadMarkDto } from '../dto/message.dto.js';
import { MarkReadDto } from '../dto/read-mark.dto.js';
import { Reading } from './reading.service.js';

@ApiTags('chat')
@Controller('chat/conversations/:id/read')
export class ReadingController {
  constructor(private readonly reading: Reading) {}

  @Put()
  @RequirePermission(Permission.ChatRead)
  @RateLimit('frequent')
  @ApiParam({ name: 'id', description: 'id of the conversation', schema: { type: 'string', format: 'uuid' } })
  @ApiOperation({ operationId: 'markRead', summary: 'Say how far you have read; it never goes back', description: 'The others of the conversation are told so by `receipt`, at most every 250 ms; not where it has more than 100 members.' })
  @ApiOkResponse({ type: ReadMarkDto })
  @ApiErrors(requestInvalid, notFound, chatBanned, seqAhead, serverBusy)
  read(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string, @Body() { seq }: MarkReadDto): Promise<ReadMarkDto> {
    return this.reading.advance(memberId, id, { readSeq: seq });
  }
}
