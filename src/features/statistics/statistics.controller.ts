import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../../platform/auth/decorators.js';
import { Permission } from '../../platform/auth/permissions.js';
import { requestInvalid } from '../../platform/errors/house.errors.js';
import type { Answer } from '../../platform/http/answer.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { chartSvg, svgAnswer } from '../../platform/http/svg.js';
import { StatisticsQueryDto } from './dto/statistics-query.dto.js';
import { StatisticsDto } from './dto/statistics.dto.js';
import { unknownMetric } from './statistics.errors.js';
import { StatisticsService } from './statistics.service.js';

/** The community in numbers, for those who look after it. */
@ApiTags('statistics')
@Controller()
@RequirePermission(Permission.StatisticsRead)
export class StatisticsController {
  constructor(private readonly statistics: StatisticsService) {}

  @Get('statistics')
  @ApiOperation({ operationId: 'getStatistics', summary: 'Get what each hour of the community was like', description: 'Hours are UTC hours, there a few minutes after they end.' })
  @ApiOkResponse({ type: StatisticsDto })
  @ApiErrors(requestInvalid, unknownMetric)
  async read(@Query() query: StatisticsQueryDto): Promise<StatisticsDto> {
    return StatisticsDto.from(await this.statistics.read(query));
  }

  @Get('statistics.svg')
  @ApiOperation({ operationId: 'drawStatistics', summary: 'See the same as charts, one below the other' })
  @ApiProduces('image/svg+xml')
  @ApiOkResponse({ description: 'an SVG picture, labelled in the time of the community', schema: { type: 'string' } })
  @ApiErrors(requestInvalid, unknownMetric)
  async draw(@Query() query: StatisticsQueryDto): Promise<Answer> {
    return svgAnswer(chartSvg(...(await this.statistics.charts(query))));
  }
}
