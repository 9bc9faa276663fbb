import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../auth/decorators.js';
import { Permission } from '../auth/permissions.js';
import { Audit } from './audit.js';
import { AuditPageDto, AuditQueryDto, AuditVerificationDto } from './audit.dto.js';

@ApiTags('audit')
@Controller('admin/audit')
@RequirePermission(Permission.AuditRead)
export class AuditController {
  constructor(private readonly audit: Audit) {}

  @Get()
  @ApiOperation({ summary: 'What admins did, newest first', operationId: 'listAuditEntries' })
  @ApiOkResponse({ type: AuditPageDto })
  async list(@Query() query: AuditQueryDto): Promise<AuditPageDto> {
    return AuditPageDto.from(await this.audit.list(query));
  }

  @Get('verification')
  @ApiOperation({ summary: 'Hold the audit log against its hashes', operationId: 'verifyAudit' })
  @ApiOkResponse({ type: AuditVerificationDto })
  async verify(): Promise<AuditVerificationDto> {
    return AuditVerificationDto.from(await this.audit.verify());
  }
}
