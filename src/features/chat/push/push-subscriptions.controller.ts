import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid, serverBusy } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { PushEndpointDto, PushKeyDto, PushSubscriptionDto, SubscribeDto } from '../dto/push-subscription.dto.js';
import { PushSubscriptions } from './push-subscriptions.service.js';

@ApiTags('push')
@Controller('push')
@RequirePermission(Permission.ChatRead)
export class PushSubscriptionsController {
  constructor(private readonly subscriptions: PushSubscriptions) {}

  @Get('key')
  @ApiOperation({ operationId: 'getPushKey', summary: 'Get the key that browsers subscribe with', description: 'The `applicationServerKey` of `PushManager.subscribe()`. A browser that has subscribed with another key subscribes anew.' })
  @ApiOkResponse({ type: PushKeyDto })
  @ApiErrors()
  key(): PushKeyDto {
    return this.subscriptions.key();
  }

  @Post('subscriptions')
  @ApiOperation({ operationId: 'subscribeToPush', summary: 'Have a browser told of messages (Web Push)', description: 'What `PushSubscription.toJSON()` says. One that is known already is yours from now on. Of more than 10 the one longest not heard of goes.' })
  @ApiCreatedResponse({ type: PushSubscriptionDto })
  @ApiOkResponse({ type: PushSubscriptionDto, description: 'it was known already' })
  @ApiErrors(requestInvalid, serverBusy)
  async subscribe(@CurrentActor() { memberId }: Actor, @Body() { endpoint, keys }: SubscribeDto): Promise<Answer> {
    const { subscription, isNew } = await this.subscriptions.subscribe(memberId, { endpoint, keys });
    return new Answer(isNew ? 201 : 200, subscription);
  }

  @Delete('subscriptions')
  @HttpCode(204)
  @ApiOperation({ operationId: 'unsubscribeFromPush', summary: 'Have a browser told no more, by its endpoint; fine when it was not' })
  @ApiNoContentResponse({ description: 'It is told no more.' })
  @ApiErrors(requestInvalid)
  unsubscribe(@CurrentActor() { memberId }: Actor, @Body() { endpoint }: PushEndpointDto): Promise<void> {
    return this.subscriptions.unsubscribe(memberId, endpoint);
  }

  @Delete('subscriptions/:id')
  @HttpCode(204)
  @ApiParam({ name: 'id', description: 'id of the subscription', schema: { type: 'string', format: 'uuid' } })
  @ApiOperation({ operationId: 'deletePushSubscription', summary: 'Have a browser told no more' })
  @ApiNoContentResponse({ description: 'It is told no more.' })
  @ApiErrors(notFound)
  remove(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.subscriptions.remove(memberId, id);
  }
}
