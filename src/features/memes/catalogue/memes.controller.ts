import { applyDecorators, Controller, Get, Headers, Param, Query } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags, type ApiQueryOptions } from '@nestjs/swagger';
import { RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import type { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { SchemaPipe } from '../../../platform/http/schema-pipe.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { insufficientCredits } from '../../credits/index.js';
import { MemeListDto, SuggestionListDto, TemplatePageDto } from '../dto/meme-list.dto.js';
import { TemplatesQueryDto, TrendingMemesQueryDto } from '../dto/meme-pages-query.dto.js';
import { MemeDto } from '../dto/meme.dto.js';
import { SEARCH_MEMES_PARAMETERS, searchMemesQuery, SUGGEST_MEMES_PARAMETERS, suggestMemesQuery, type SearchMemesQuery, type SuggestMemesQuery } from '../dto/search-memes-query.dto.js';
import { CallMeter } from '../metering/call-meter.service.js';
import { CurrentCaller } from '../metering/caller.decorator.js';
import type { Caller } from '../metering/metering.types.js';
import { MemeAnswers } from './meme-answers.service.js';

const Takes = (parameters: readonly ApiQueryOptions[]) => applyDecorators(...parameters.map((parameter) => ApiQuery({ required: false, ...parameter })));
const IfNoneMatch = () => Headers('if-none-match');
/** An answer that names its state, so that whoever has it need not get, nor pay for, it again. */
const Validated = () =>
  applyDecorators(
    ApiHeader({ name: 'If-None-Match', required: false, description: 'ETag of the answer that you have' }),
    ApiResponse({ status: 304, description: 'you have it already; free of charge' }),
  );

/** Memes as members and API clients read them: by words, by place, by heat, or any. Fastify sends HEAD here as well. */
@ApiTags('memes')
@Controller('memes')
export class MemesController {
  constructor(
    private readonly answers: MemeAnswers,
    private readonly meter: CallMeter,
  ) {}

  @Get()
  @RequirePermission(Permission.MemesRead)
  @ApiOperation({ operationId: 'listMemes', summary: 'Search memes by words and by place', description: 'Costs an API token one call.' })
  @Takes(SEARCH_MEMES_PARAMETERS)
  @ApiOkResponse({ type: MemeListDto })
  @Validated()
  @ApiErrors(requestInvalid, insufficientCredits)
  list(
    @CurrentCaller() caller: Caller,
    @Query(new SchemaPipe(searchMemesQuery)) query: SearchMemesQuery,
    @IfNoneMatch() ifNoneMatch: string | undefined,
  ): Answer | Promise<Answer> {
    return this.meter.serve(caller, () => this.answers.list(caller.actor.permissions, query, ifNoneMatch));
  }

  @Get('random')
  @RequirePermission(Permission.MemesRead)
  @ApiOperation({ operationId: 'getRandomMeme', summary: 'Get any meme', description: 'Costs an API token one call.' })
  @ApiOkResponse({ type: MemeDto })
  @ApiErrors(insufficientCredits, notFound)
  random(@CurrentCaller() caller: Caller): Answer | Promise<Answer> {
    return this.meter.serve(caller, () => this.answers.random(caller.actor.permissions));
  }

  @Get('trending')
  @RequirePermission(Permission.MemesRead)
  @ApiOperation({ operationId: 'listTrendingMemes', summary: 'List memes by their likes, of which each counts half after 48 hours', description: 'Costs an API token one call.' })
  @ApiOkResponse({ type: MemeListDto })
  @Validated()
  @ApiErrors(requestInvalid, insufficientCredits)
  trending(@CurrentCaller() caller: Caller, @Query() query: TrendingMemesQueryDto, @IfNoneMatch() ifNoneMatch: string | undefined): Answer | Promise<Answer> {
    return this.meter.serve(caller, () => this.answers.trending(caller.actor.permissions, query, ifNoneMatch));
  }

  @Get('suggest')
  @RequirePermission(Permission.MemesRead)
  @ApiOperation({ operationId: 'suggestMemes', summary: 'Complete what is being typed', description: 'Costs an API token one call.' })
  @Takes(SUGGEST_MEMES_PARAMETERS)
  @ApiOkResponse({ type: SuggestionListDto })
  @Validated()
  @ApiErrors(requestInvalid, insufficientCredits)
  suggest(
    @CurrentCaller() caller: Caller,
    @Query(new SchemaPipe(suggestMemesQuery)) query: SuggestMemesQuery,
    @IfNoneMatch() ifNoneMatch: string | undefined,
  ): Answer | Promise<Answer> {
    return this.meter.serve(caller, () => this.answers.suggest(caller.actor.permissions, query, ifNoneMatch));
  }

  @Get('templates')
  @RequirePermission(Permission.MemesRead)
  @ApiOperation({ operationId: 'listMemeTemplates', summary: 'List the templates, those with most memes first', description: 'Costs an API token one call.' })
  @ApiOkResponse({ type: TemplatePageDto })
  @Validated()
  @ApiErrors(requestInvalid, insufficientCredits)
  templates(@CurrentCaller() caller: Caller, @Query() query: TemplatesQueryDto, @IfNoneMatch() ifNoneMatch: string | undefined): Answer | Promise<Answer> {
    return this.meter.serve(caller, () => this.answers.templates(caller.actor.permissions, query, ifNoneMatch));
  }

  @Get(':id')
  @RequirePermission(Permission.MemesRead)
  @ApiOperation({ operationId: 'getMeme', summary: 'Get one meme', description: 'Costs an API token one call.' })
  @ApiParam({ name: 'id', description: 'id of the meme', schema: { type: 'string', format: 'uuid' } })
  @ApiOkResponse({ type: MemeDto })
  @Validated()
  @ApiErrors(insufficientCredits, notFound)
  get(@CurrentCaller() caller: Caller, @Param('id', IdPipe) id: string, @IfNoneMatch() ifNoneMatch: string | undefined): Answer | Promise<Answer> {
    return this.meter.serve(caller, () => this.answers.get(caller.actor.permissions, id, ifNoneMatch));
  }
}
