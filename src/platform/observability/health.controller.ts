import { Controller, Get, Header, Req } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../auth/decorators.js';
import { Config } from '../config/config.js';
import { forbidden, serverBusy } from '../errors/house.errors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { isSameText } from '../http/same-text.js';
import { Health } from './health.service.js';
import { metrics } from './metrics.js';
import { VERSION } from './version.js';

class StatusDto {
  @ApiProperty({ example: 'ok' })
  status: string;
}

class DatabaseCheckDto {
  @ApiProperty({ example: true })
  reachable: boolean;

  @ApiProperty({ example: 1, description: 'Milliseconds of one round trip' })
  latencyMs: number;
}

class HealthDto {
  @ApiProperty({ example: 'ok', enum: ['ok', 'degraded', 'draining'] })
  status: string;

  @ApiProperty({ example: 'Plaza' })
  name: string;

  @ApiProperty({ example: '0.1.0' })
  version: string;

  @ApiProperty({ example: 3600 })
  uptimeSeconds: number;

  @ApiProperty({ type: DatabaseCheckDto })
  database: DatabaseCheckDto;
}

class WelcomeDto {
  @ApiProperty({ example: 'Plaza' })
  name: string;

  @ApiProperty({ example: '0.1.0' })
  version: string;

  @ApiProperty({ example: '/api/docs' })
  docs: string;

  @ApiProperty({ example: '/api/health' })
  health: string;
}

@ApiTags('health')
@Controller()
@Public()
export class HealthController {
  constructor(
    private readonly health: Health,
    private readonly config: Config,
  ) {}

  @Get('/')
  @ApiOperation({ summary: 'What this is and where to go', operationId: 'welcome' })
  @ApiOkResponse({ type: WelcomeDto })
  welcome(): WelcomeDto {
    return { name: this.config.COMMUNITY_NAME, version: VERSION, docs: '/api/docs', health: '/api/health' };
  }

  @Get('livez')
  @ApiOperation({ summary: 'Is the process alive', operationId: 'livez' })
  @ApiOkResponse({ type: StatusDto })
  livez(): StatusDto {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'May the process get requests', operationId: 'readyz' })
  @ApiOkResponse({ type: StatusDto })
  @ApiErrors(serverBusy)
  async readyz(): Promise<StatusDto> {
    if (this.health.draining) throw serverBusy({ retryAfterSeconds: 5 }, 'This process is stopping.');
    if (!(await this.health.checkDatabase()).reachable) throw serverBusy({ retryAfterSeconds: 2 }, 'The database does not answer.');
    return { status: 'ok' };
  }

  @Get('health')
  @ApiOperation({ summary: 'How the process is doing, for people', operationId: 'health' })
  @ApiOkResponse({ type: HealthDto })
  async report(): Promise<HealthDto> {
    const database = await this.health.checkDatabase();
    const status = this.health.draining ? 'draining' : database.reachable ? 'ok' : 'degraded';
    return { status, name: this.config.COMMUNITY_NAME, version: VERSION, uptimeSeconds: Math.floor(process.uptime()), database };
  }

  @Get('/metrics')
  @ApiExcludeEndpoint()
  @Header('Content-Type', metrics.contentType)
  metrics(@Req() request: FastifyRequest): Promise<string> {
    if (!isLocal(request) && !this.hasMetricsToken(request.headers.authorization)) throw forbidden();
    return metrics.metrics();
  }

  private hasMetricsToken(authorization = ''): boolean {
    const { METRICS_TOKEN } = this.config;
    return METRICS_TOKEN !== undefined && isSameText(authorization, `Bearer ${METRICS_TOKEN}`);
  }
}

/** What a proxy adds to a request that it passes on. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** A caller on this machine, and not a proxy on this machine that speaks for somebody else. */
function isLocal({ raw, headers }: FastifyRequest): boolean {
  const address = raw.socket.remoteAddress ?? '';
  return (address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')) && !FORWARDED.some((name) => name in headers);
}
