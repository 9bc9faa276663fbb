import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../../platform/statistics/metrics.js';
import { MessageCountRepository } from './messages/message-count.repository.js';

/** What an hour was for chat. */
@Injectable()
export class ChatStatistics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly messages: MessageCountRepository,
  ) {}

  onModuleInit(): void {
    this.metrics.register({
      name: 'messages.sent', unit: 'messages', description: 'Messages sent in chat',
      since: (reader) => this.messages.first(reader),
      measure: (reader, hour) => this.messages.count(reader, hour),
    });
  }
}
