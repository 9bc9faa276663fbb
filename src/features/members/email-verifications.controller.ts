import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/auth/actor.js';
import { CurrentActor, Public, RequirePermission } from '../../platform/auth/decorators.js';
import { Permission } from '../../platform/auth/permissions.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { NoBody } from '../../platform/http/no-body.js';
import { RateLimit } from '../../platform/http/rate-limit.js';
import { AccountMailDto } from './dto/account-mail.dto.js';
import { ConfirmEmailVerificationDto } from './dto/email-verification.dto.js';
import { EmailVerifications } from './email-verifications.service.js';
import { emailVerificationInvalid } from './members.errors.js';

@ApiTags('email verifications')
@Controller('email-verifications')
export class EmailVerificationsController {
  constructor(private readonly emailVerifications: EmailVerifications) {}

  @Post()
  @RequirePermission(Permission.AccountManage)
  @RateLimit('auth')
  @HttpCode(202)
  @NoBody()
  @ApiOperation({ summary: 'Send the mail again that proves your address', operationId: 'requestEmailVerification', description: 'Nothing is sent when the address is verified already.' })
  @ApiAcceptedResponse({ type: AccountMailDto, description: 'A mail is on its way, if one is needed' })
  async request(@CurrentActor() actor: Actor): Promise<AccountMailDto> {
    return AccountMailDto.from(await this.emailVerifications.request(actor.memberId));
  }

  @Post('confirm')
  @Public()
  @RateLimit('auth')
  @HttpCode(204)
  @ApiOperation({ summary: 'Prove your address with the token from the mail', operationId: 'confirmEmailVerification' })
  @ApiNoContentResponse({ description: 'Verified, now or before' })
  @ApiErrors(emailVerificationInvalid)
  confirm(@Body() body: ConfirmEmailVerificationDto): Promise<void> {
    return this.emailVerifications.confirm(body.token);
  }
}
