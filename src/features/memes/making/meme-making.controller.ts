import { Body, Controller, Delete, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { forbidden, notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../../platform/http/idempotency.errors.js';
import { IdempotencyKey, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { storageUnavailable } from '../../../platform/storage/storage.errors.js';
import { fileDeleted, fileExpired, fileNotReady } from '../../uploads/index.js';
import { EditMemeDto } from '../dto/edit-meme.dto.js';
import { MadeMemeDto } from '../dto/made-meme.dto.js';
import { MakeMemeDto } from '../dto/make-meme.dto.js';
import { fileNoImage, memeDuplicate } from '../memes.errors.js';
import { MemeEdits } from './meme-edits.service.js';
import { MemeMaking } from './meme-making.service.js';

const MemeId = () => ApiParam({ name: 'id', description: 'id of the meme', schema: { type: 'string', format: 'uuid' } });

/** Memes by members: made of their uploads, changed, taken away. */
@ApiTags('memes')
@Controller('memes')
export class MemeMakingController {
  constructor(
    private readonly making: MemeMaking,
    private readonly edits: MemeEdits,
  ) {}

  @Post()
  @RequirePermission(Permission.MemesWrite)
  @ApiOperation({
    operationId: 'makeMeme',
    summary: 'Make a meme of one of your uploaded pictures',
    description: 'Found by searches at once. A picture that looks like the one of a meme that is there is refused; `originalId` is left out where that meme is not shown to you.',
  })
  @ApiCreatedResponse({ type: MadeMemeDto, description: 'the meme; Location is where it is' })
  @ApiErrors(requestInvalid, notFound, fileNotReady, memeDuplicate, idempotencyInProgress, fileDeleted, fileExpired, fileNoImage, idempotencyKeyReused, storageUnavailable)
  make(@CurrentActor() actor: Actor, @Body() body: MakeMemeDto, @IdempotencyKey() key: IdempotencyRequest): Promise<Answer> {
    return this.making.make(actor, body, key, (meme) => new Answer(201, MadeMemeDto.from(meme), { Location: `/api/memes/${meme.id}` }));
  }

  @Patch(':id')
  @RequirePermission(Permission.MemesWrite)
  @MemeId()
  @ApiOperation({ operationId: 'editMeme', summary: 'Change a meme of yours; moderators change any', description: 'What is left out stays. The picture follows its words where it is drawn here. A meme whose words its maker changes is unrated again.' })
  @ApiOkResponse({ type: MadeMemeDto })
  @ApiErrors(requestInvalid, forbidden, notFound)
  async edit(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: EditMemeDto): Promise<MadeMemeDto> {
    return MadeMemeDto.from(await this.edits.edit(actor, id, body));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission(Permission.MemesWrite)
  @MemeId()
  @ApiOperation({ operationId: 'deleteMeme', summary: 'Delete a meme of yours for good; moderators delete any', description: 'The uploaded file stays yours.' })
  @ApiNoContentResponse({ description: 'it is gone, with its likes and reports' })
  @ApiErrors(notFound)
  async delete(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    await this.edits.delete(actor, id);
  }
}
