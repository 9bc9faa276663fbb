import { Injectable } from '@nestjs/common';
import { Audit } from '../../../platform/audit/audit.js';
import { newId } from '../../../platform/database/columns.js';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Reader } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import { ConversationAccess } from '../conversations/conversation-access.service.js';
import type { ChatReport } from '../entities/chat-report.js';
import { MessageRepository } from '../messages/message.repository.js';
import type { MessageReport, ReportedMessage, ReportState } from './moderation.types.js';
import { ReportRepository } from './report.repository.js';

const LIST = 'chat.reports';

/** What members object to in messages, and what moderators of the community make of it. */
@Injectable()
export class MessageReports {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly access: ConversationAccess,
    private readonly messages: MessageRepository,
    private readonly reports: ReportRepository,
    private readonly cursors: Cursors,
    private readonly audit: Audit,
  ) {}

  /**
   * Objects to a message; a member's first report of it stays as it is.
   *
   * @throws notFound for who may not read the message, and when it is deleted; chatBanned
   */
  report(memberId: string, messageId: string, reason: string): Promise<{ report: MessageReport; isNew: boolean }> {
    return this.transactions.run(async (tx) => {
      const message = await this.messages.find(tx, messageId);
      if (message === undefined) throw notFound();
      await this.access.read(memberId, message.conversationId, tx);
      const before = await this.reports.findOf(tx, messageId, memberId);
      if (before !== undefined) return { report: shownToReporter(before), isNew: false };
      if (message.deleted) throw notFound();
      const isNew = await this.reports.insert(tx, { id: newId(), messageId, reporterId: memberId, reason });
      return { report: shownToReporter((await this.reports.findOf(tx, messageId, memberId))!), isNew };
    });
  }

  /** Newest first. @throws requestInvalid for a cursor of another list */
  async list(state: ReportState, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<ReportedMessage>> {
    const list = `${LIST}.${state}`;
    const [beforeId] = this.cursors.decode<[string]>(list, cursor) ?? [];
    const { items, nextCursor } = this.cursors.page(list, await this.reports.list(this.database, { state, beforeId, limit: limit + 1 }), limit, ({ id }) => [id]);
    return { items: await this.shown(this.database, items), nextCursor };
  }

  /** Again changes nothing. @throws notFound */
  resolve(moderatorId: string, id: string): Promise<ReportedMessage> {
    return this.transactions.run(async (tx) => {
      const isResolvedNow = await this.reports.resolve(tx, id, moderatorId);
      const report = await this.reports.find(tx, id);
      if (report === undefined) throw notFound();
      const [shown] = await this.shown(tx, [report]);
      const { messageId } = report;
      if (isResolvedNow) await this.audit.record(tx, { actorId: moderatorId, action: 'chat.report-resolved', subjectType: 'chat-report', subjectId: id, details: { messageId } });
      return shown!;
    });
  }

  /** A message that is gone altogether has taken its reports with it. */
  private async shown(reader: Reader, reports: readonly ChatReport[]): Promise<ReportedMessage[]> {
    const messages = new Map((await this.messages.listByIds(reader, reports.map(({ messageId }) => messageId))).map((message) => [message.id, message]));
    return reports.flatMap(({ messageId, createdAt, resolvedAt, ...report }) => {
      const message = messages.get(messageId);
      return message === undefined ? [] : [{ ...report, createdAt: createdAt.toISOString(), resolvedAt: resolvedAt?.toISOString() ?? null, message }];
    });
  }
}

function shownToReporter({ id, messageId, reason, createdAt }: ChatReport): MessageReport {
  return { id, messageId, reason, createdAt: createdAt.toISOString() };
}
