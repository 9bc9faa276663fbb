import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiConsumes, ApiExtraModels, ApiOkResponse, ApiOperation, ApiParam, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { Public } from '../../auth/decorators.js';
import { notFound, requestInvalid } from '../../errors/house.errors.js';
import type { Answer } from '../../http/answer.js';
import { ApiErrors } from '../../http/api-errors.decorator.js';
import { FORM_TYPE, IsForm, TakesForm } from '../../http/form-body.js';
import { RateLimit } from '../../http/rate-limit.js';
import { paymentClosed } from '../payments.errors.js';
import { SandboxDesk } from './sandbox-desk.js';
import { pageAnswer } from './sandbox-page.js';
import { SandboxPaymentDto, SettleSandboxPaymentDto } from './sandbox-payment.dto.js';
import { USUAL_MANNER } from './sandbox.types.js';

const PAGE = { 'text/html': { schema: { type: 'string' } } } as const;

/** The page of the sandbox. No login: the secret is the key. */
@ApiTags('sandbox')
@Controller('sandbox/payments')
export class SandboxPaymentsController {
  constructor(private readonly desk: SandboxDesk) {}

  @Get(':clientSecret')
  @Public()
  @RateLimit('write')
  @ApiParam({ name: 'clientSecret', description: 'of the payment', schema: { type: 'string' } })
  @ApiOperation({ operationId: 'showSandboxPayment', summary: 'Show the page on which a person pays', description: 'Only with PAYMENTS=sandbox: no money moves.' })
  @ApiOkResponse({ description: 'a page with a form', content: PAGE })
  @ApiErrors(notFound)
  async show(@Param('clientSecret') clientSecret: string): Promise<Answer> {
    return pageAnswer(await this.desk.get(clientSecret));
  }

  @Post(':clientSecret')
  @HttpCode(200)
  @Public()
  @RateLimit('write')
  @TakesForm()
  @ApiParam({ name: 'clientSecret', description: 'of the payment', schema: { type: 'string' } })
  @ApiOperation({
    operationId: 'settleSandboxPayment',
    summary: 'Pay or decline, as the page does',
    description: 'A declined payment may be tried again. A paid one stays paid, and nothing more is said of it. Webhooks about it come to /api/webhooks/payments/sandbox, as from a real provider.',
  })
  @ApiConsumes(FORM_TYPE, 'application/json')
  @ApiExtraModels(SandboxPaymentDto)
  @ApiOkResponse({ description: 'the page again, or JSON for JSON', content: { ...PAGE, 'application/json': { schema: { $ref: getSchemaPath(SandboxPaymentDto) } } } })
  @ApiErrors(requestInvalid, notFound, paymentClosed)
  async settle(@Param('clientSecret') clientSecret: string, @Body() { outcome, ...manner }: SettleSandboxPaymentDto, @IsForm() isForm: boolean): Promise<Answer | SandboxPaymentDto> {
    const payment = await this.desk.settle(clientSecret, outcome, { copies: manner.copies ?? USUAL_MANNER.copies, delaySeconds: manner.delaySeconds ?? USUAL_MANNER.delaySeconds });
    return isForm ? pageAnswer(payment) : SandboxPaymentDto.from(payment);
  }
}
