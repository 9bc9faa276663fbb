import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { requestInvalid } from '../../../platform/errors/house.errors.js';
import type { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { IdempotencyKey, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../../platform/http/idempotency.errors.js';
import { insufficientCredits } from '../../credits/index.js';
import { AiMemeDto, OrderAiMemeDto } from '../dto/ai-meme.dto.js';
import { aiFailed } from '../memes.errors.js';
import { AiMemes } from './ai-memes.service.js';

@ApiTags('memes')
@Controller('memes/ai')
export class AiMemesController {
  constructor(private readonly memes: AiMemes) {}

  @Post()
  @RequirePermission(Permission.MemesAi)
  @ApiOperation({
    operationId: 'orderAiMeme',
    summary: 'Have a meme written for one credit, paid only if it comes',
    description: 'For members with `memes.ai`, who alone see such memes. The member pays, also where an API token of theirs asks.',
  })
  @ApiCreatedResponse({ type: AiMemeDto, description: 'the meme; Location is where it is' })
  @ApiErrors(requestInvalid, insufficientCredits, aiFailed, idempotencyInProgress, idempotencyKeyReused)
  order(@CurrentActor() actor: Actor, @Body() { prompt }: OrderAiMemeDto, @IdempotencyKey() request: IdempotencyRequest): Promise<Answer> {
    return this.memes.order(actor, prompt, request);
  }
}
