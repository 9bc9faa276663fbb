import { Body, Controller, Get, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid, serverBusy } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { hasCurrent } from '../../../platform/http/etag.js';
import { RateLimit } from '../../../platform/http/rate-limit.js';
import { storageUnavailable } from '../../../platform/storage/storage.errors.js';
import { insufficientCredits } from '../../credits/index.js';
import { fileDeleted, fileExpired, fileNotReady } from '../../uploads/index.js';
import { RenderMemeDto, RenderPathDto } from '../dto/render-meme.dto.js';
import { fileNoImage, templateUnknown } from '../memes.errors.js';
import { CallMeter } from '../metering/call-meter.service.js';
import { CurrentCaller } from '../metering/caller.decorator.js';
import type { Caller } from '../metering/metering.types.js';
import { decodeText, formatOf, MEDIA_TYPES } from './render-text.rules.js';
import { Renders } from './renders.service.js';

/** A picture that was taken down is gone here within seconds, and after this time from whoever has kept it. */
const KEPT_BY_CLIENTS = 'public, max-age=300';

const SendsPicture = () =>
  ApiResponse({ status: 200, description: 'the picture', content: Object.fromEntries(Object.values(MEDIA_TYPES).map((type) => [type, { schema: { type: 'string', format: 'binary' } }])) });

/** Memes as pictures. Fastify sends HEAD here as well. */
@ApiTags('memes')
@Controller('memes/render')
export class MemeRenderController {
  constructor(
    private readonly renders: Renders,
    private readonly meter: CallMeter,
  ) {}

  @Get(':template/:upper/:lower.:ext')
  @Public()
  @RateLimit('render')
  @ApiOperation({ operationId: 'showRenderedMeme', summary: 'See a template with words on it, as in an <img>', description: 'Open to everybody, and limited per address. What was taken down is gone from here within seconds; clients may show it for 5 minutes more.' })
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'ETag of the picture that you have' })
  @SendsPicture()
  @ApiResponse({ status: 304, description: 'you have it already' })
  @ApiErrors(requestInvalid, notFound, templateUnknown, fileDeleted, storageUnavailable, serverBusy)
  async show(@Param() { template, ext, ...words }: RenderPathDto, @Headers('if-none-match') ifNoneMatch: string | undefined): Promise<Answer> {
    const { bytes, mediaType, etag } = await this.renders.ofTemplate([decodeText(template), template], { ...words, format: formatOf(ext) });
    // Pages of any site may show it.
    const headers = { ETag: etag, 'Cache-Control': KEPT_BY_CLIENTS, 'Cross-Origin-Resource-Policy': 'cross-origin' };
    return hasCurrent(ifNoneMatch, etag) ? new Answer(304, undefined, headers) : new Answer(200, bytes, { ...headers, 'Content-Type': mediaType });
  }

  @Post()
  @HttpCode(200)
  @RequirePermission(Permission.MemesRead)
  @RateLimit('render')
  @ApiOperation({ operationId: 'renderMeme', summary: 'Put words on a template, or on a picture of your own', description: 'Costs an API token one call.' })
  // Its two kinds in one, as Swagger UI would make it up, are refused.
  @ApiBody({ type: RenderMemeDto, examples: { template: { summary: 'on a template', value: { template: 'blank', upper: 'one does not simply', lower: 'walk into a stand-up', format: 'png', width: 640 } } } })
  @SendsPicture()
  @ApiErrors(requestInvalid, insufficientCredits, templateUnknown, notFound, fileNotReady, fileDeleted, fileExpired, fileNoImage, storageUnavailable, serverBusy)
  render(@CurrentCaller() caller: Caller, @Body() order: RenderMemeDto): Answer | Promise<Answer> {
    return this.meter.serve(caller, async () => {
      const { bytes, mediaType } = await this.renders.order(caller.actor.memberId, order);
      return new Answer(200, bytes, { 'Content-Type': mediaType });
    });
  }
}
