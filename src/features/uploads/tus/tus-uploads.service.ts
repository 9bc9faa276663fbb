import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Reader } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { FileIntake } from '../file-intake.service.js';
import { FileRepository } from '../file.repository.js';
import { assertPresent } from '../uploads.rules.js';
import type { Arrival, FileRecord } from '../uploads.types.js';
import { TusUploadRepository } from './tus-upload.repository.js';
import type { Turn, TusRecord, TusWords } from './tus.types.js';

/** Uploads by the tus protocol, as the database knows them. */
@Injectable()
export class TusUploads {
  private readonly expirySeconds: number;

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly files: FileRepository,
    private readonly uploads: TusUploadRepository,
    private readonly intake: FileIntake,
    config: Config,
  ) {
    this.expirySeconds = config.UPLOAD_EXPIRY_HOURS * 3600;
  }

  /** @throws requestInvalid, fileQuota, tooManyUnfinished */
  async open(memberId: string, arrival: Omit<Arrival, 'door'>, words: TusWords): Promise<string> {
    const { id } = await this.intake.open(memberId, { ...arrival, door: 'tus' }, this.expirySeconds);
    await this.transactions.run((tx) => this.uploads.insert(tx, id, words));
    return id;
  }

  /** @throws notFound; fileDeleted, fileExpired */
  async get(id: string, reader: Reader = this.database): Promise<TusRecord> {
    return this.withWords(reader, await this.files.find(reader, id));
  }

  /** The member's own upload; another member's is none. @throws notFound; fileDeleted, fileExpired */
  async getOwn(memberId: string, id: string): Promise<TusRecord> {
    return this.withWords(this.database, await this.files.findOwn(this.database, memberId, id));
  }

  /** Somebody begins to write under this lease. @returns how many have begun so far @throws tusLocked when it is lost */
  async beginWrite(turn: Turn): Promise<number> {
    return this.transactions.run((tx) => this.uploads.countWrite(tx, turn));
  }

  /** Its length is known now. @throws fileQuota; fileDeleted, fileExpired */
  async declare(id: string, bytes: number): Promise<void> {
    await this.intake.declare(id, bytes);
  }

  /** It has come to so many bytes. @returns up to how many it may come now @throws fileQuota, fileDeleted, fileExpired */
  async grow(id: string, bytes: number): Promise<number> {
    return this.intake.grow(id, bytes);
  }

  /** Its time begins anew. @throws fileDeleted, fileExpired */
  async extend(id: string): Promise<void> {
    await this.intake.extend(id, this.expirySeconds);
  }

  /** Keeps nothing of an upload that is refused. */
  async abandon(id: string): Promise<void> {
    await this.intake.abandon(id);
  }

  private async withWords(reader: Reader, file: FileRecord | undefined): Promise<TusRecord> {
    const words = file && (await this.uploads.find(reader, file.id));
    if (!file || !words) throw notFound();
    return { file: assertPresent(file), ...words };
  }
}
