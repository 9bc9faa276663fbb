import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../platform/auth/decorators.js';
import { Permission } from '../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../platform/errors/house.errors.js';
import { Answer } from '../../platform/http/answer.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { Idempotency, IdempotencyKey, type IdempotencyRequest } from '../../platform/http/idempotency.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../platform/http/idempotency.errors.js';
import { NoBody } from '../../platform/http/no-body.js';
import { PageQueryDto } from '../../platform/http/page.dto.js';
import { IdPipe } from '../../platform/http/validation.js';
import { insufficientCredits } from '../credits/index.js';
import { ExportDto, ExportPageDto } from './dto/export.dto.js';
import { ExportSourceDto } from './dto/export-source.dto.js';
import { OrderExportDto } from './dto/order-export.dto.js';
import { ExportDownloads } from './export-downloads.service.js';
import { ExportOrders } from './export-orders.service.js';
import {
  exportExpired, notReady, quotaExceeded, sourceForbidden, unknownColumn, unknownFilter, unknownFormat, unknownSource,
} from './exports.errors.js';
import { ExportsService } from './exports.service.js';

const ExportId = () => ApiParam({ name: 'id', description: 'id of the export', schema: { type: 'string', format: 'uuid' } });

@ApiTags('exports')
@Controller('exports')
@RequirePermission(Permission.ExportsOrder)
export class ExportsController {
  constructor(
    private readonly exports: ExportsService,
    private readonly orders: ExportOrders,
    private readonly downloads: ExportDownloads,
    private readonly idempotency: Idempotency,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    operationId: 'orderExport',
    summary: 'Order a file of data for one credit, paid only if it can be downloaded',
    description: 'The source `everything`, with nothing else in the body, is your portable copy of all data of yours that you may read: '
      + 'a ZIP with one ndjson file per source and a manifest.json. It is free, once a day.',
  })
  @ApiAcceptedResponse({ type: ExportDto, description: 'ordered; Location is where to look' })
  @ApiOkResponse({ type: ExportDto, description: 'the same order is under way already; nothing more is paid' })
  @ApiErrors(
    requestInvalid, insufficientCredits, sourceForbidden, unknownSource, unknownFormat, unknownColumn, unknownFilter, quotaExceeded,
    idempotencyInProgress, idempotencyKeyReused,
  )
  order(@CurrentActor() actor: Actor, @Body() body: OrderExportDto, @IdempotencyKey() request: IdempotencyRequest): Promise<Answer> {
    return this.idempotency.run(
      request,
      (tx) => this.orders.order(tx, actor, body),
      ({ record, isNew }) => new Answer(isNew ? 202 : 200, ExportDto.from(record), { Location: `/api/exports/${record.id}` }),
    );
  }

  @Get()
  @ApiOperation({ operationId: 'listExports', summary: 'List your exports, newest first' })
  @ApiOkResponse({ type: ExportPageDto })
  @ApiErrors(requestInvalid)
  async list(@CurrentActor() actor: Actor, @Query() query: PageQueryDto): Promise<ExportPageDto> {
    return ExportPageDto.from(await this.exports.list(actor.memberId, query));
  }

  @Get('sources')
  @ApiOperation({ operationId: 'listExportSources', summary: 'List what you can export, with columns and filters' })
  @ApiOkResponse({ type: [ExportSourceDto] })
  sources(@CurrentActor() actor: Actor): ExportSourceDto[] {
    return this.orders.sources(actor).map((dataset) => ExportSourceDto.from(dataset, actor.permissions));
  }

  @Get(':id')
  @ExportId()
  @ApiOperation({ operationId: 'getExport', summary: 'Get one of your exports and how far it is' })
  @ApiOkResponse({ type: ExportDto })
  @ApiErrors(notFound)
  async get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<ExportDto> {
    return ExportDto.from(await this.exports.get(actor.memberId, id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @NoBody()
  @ExportId()
  @ApiOperation({ operationId: 'cancelExport', summary: 'Cancel an export and get the credit back; no effect on a finished one' })
  @ApiOkResponse({ type: ExportDto })
  @ApiErrors(notFound, sourceForbidden)
  async cancel(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<ExportDto> {
    return ExportDto.from(await this.exports.cancel(actor, id));
  }

  @Delete(':id')
  @HttpCode(204)
  @ExportId()
  @ApiOperation({ operationId: 'deleteExport', summary: 'Remove the file of an export before its time' })
  @ApiNoContentResponse({ description: 'no file is left' })
  @ApiErrors(notFound, notReady, sourceForbidden)
  async remove(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    await this.exports.remove(actor, id);
  }

  @Get(':id/download')
  @ExportId()
  @ApiOperation({ operationId: 'downloadExport', summary: 'Get a link to the file, good for 15 minutes' })
  @ApiResponse({ status: 302, description: 'Location is the link', headers: { Location: { schema: { type: 'string' } } } })
  @ApiErrors(notFound, notReady, exportExpired, sourceForbidden)
  async download(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<Answer> {
    return new Answer(302, undefined, { Location: await this.downloads.link(actor, id) });
  }
}
