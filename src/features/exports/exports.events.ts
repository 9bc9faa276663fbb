import { Injectable } from '@nestjs/common';
import { Realtime } from '../../platform/realtime/realtime.js';
import { ExportDto } from './dto/export.dto.js';
import { ExportRepository } from './export.repository.js';

/** Tells a member's sockets how their export stands: the payload is what `GET /api/exports/:id` answers. */
@Injectable()
export class ExportEvents {
  constructor(
    private readonly realtime: Realtime,
    private readonly exports: ExportRepository,
  ) {}

  /** Call it after the commit: it sends what the database says now. */
  async updated(id: string): Promise<void> {
    const record = await this.exports.find(id);
    if (record) this.realtime.toMember(record.memberId, 'export.updated', ExportDto.from(record));
  }
}
