import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Realtime } from '../../platform/realtime/realtime.js';
import { FileDto } from './dto/file.dto.js';
import { FileRepository } from './file.repository.js';

/** Tells the owner's sockets what became of a file: the payload is what `GET /api/files/:id` answers. */
@Injectable()
export class FileEvents {
  constructor(
    private readonly realtime: Realtime,
    private readonly database: Database,
    private readonly files: FileRepository,
  ) {}

  /** Sends `file.ready` or `file.rejected`. Call it after the commit: it sends what the database says now. */
  async checked(id: string): Promise<void> {
    const record = await this.files.find(this.database, id);
    if (record?.state === 'ready' || record?.state === 'rejected') this.realtime.toMember(record.ownerId, `file.${record.state}`, FileDto.from(record));
  }
}
