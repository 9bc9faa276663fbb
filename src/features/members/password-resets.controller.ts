import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../platform/auth/decorators.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { RateLimit } from '../../platform/http/rate-limit.js';
import { RequestDevice } from './device.decorator.js';
import { AccountMailDto } from './dto/account-mail.dto.js';
import { ConfirmPasswordResetDto, RequestPasswordResetDto } from './dto/password-reset.dto.js';
import { passwordResetInvalid, passwordWeak } from './members.errors.js';
import { PasswordResets } from './password-resets.service.js';
import type { Device } from './sessions.service.js';

@ApiTags('password resets')
@Controller('password-resets')
export class PasswordResetsController {
  constructor(private readonly passwordResets: PasswordResets) {}

  @Post()
  @Public()
  @RateLimit('auth')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Ask for a mail that lets you choose a new password',
    operationId: 'requestPasswordReset',
    description: 'The answer is the same whether or not there is a member with this address. Its token can be used once.',
  })
  @ApiAcceptedResponse({ type: AccountMailDto, description: 'If there is such a member, a mail is on its way' })
  async request(@Body() body: RequestPasswordResetDto): Promise<AccountMailDto> {
    return AccountMailDto.from(await this.passwordResets.request(body.email));
  }

  @Post('confirm')
  @Public()
  @RateLimit('auth')
  @HttpCode(204)
  @ApiOperation({ summary: 'Choose a new password', operationId: 'confirmPasswordReset', description: 'Ends every session and every API token, and proves the address.' })
  @ApiNoContentResponse({ description: 'Changed; sign in with it' })
  @ApiErrors(passwordResetInvalid, passwordWeak)
  confirm(@Body() body: ConfirmPasswordResetDto, @RequestDevice() device: Device): Promise<void> {
    return this.passwordResets.confirm(body, device.ip);
  }
}
