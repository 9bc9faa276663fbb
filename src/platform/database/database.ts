import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Reader } from './transactions.js';

/** Plain reads outside a transaction. There is no other way to the request pool: writing goes through `Transactions`. */
@Injectable()
export class Database implements Reader {
  constructor(private readonly dataSource: DataSource) {}

  rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.dataSource.query(sql, [...parameters]);
  }
}
