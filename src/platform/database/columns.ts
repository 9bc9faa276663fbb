import { Column, PrimaryColumn, type ColumnOptions } from 'typeorm';
import { v7 } from 'uuid';

/** A new id: UUIDv7 (RFC 9562), so that rows land in the index in the order they are made. */
export function newId(): string {
  return v7();
}

/** SQL type of every id: 36 ASCII characters, readable in a shell and the same on every engine. */
const ID = { type: 'char', length: 36, charset: 'ascii', collation: 'ascii_bin' } as const;

const asNumber = {
  to: (value: number | null | undefined) => value,
  from: (value: number | string | null) => (value === null ? null : Number(value)),
};

export const IdPrimaryColumn = (): PropertyDecorator => PrimaryColumn(ID);
export const IdColumn = (options: ColumnOptions = {}): PropertyDecorator => Column({ ...ID, ...options });

/** UTC, millisecond precision. */
export const InstantColumn = (options: ColumnOptions = {}): PropertyDecorator => Column({ type: 'datetime', precision: 3, ...options });

/** A calendar date as `YYYY-MM-DD`, without a time zone. */
export const DateColumn = (options: ColumnOptions = {}): PropertyDecorator => Column({ type: 'date', ...options });

/** BIGINT read as a number: the driver gives a number or a string depending on the value. */
export const BigintColumn = (options: ColumnOptions = {}): PropertyDecorator => Column({ type: 'bigint', transformer: asNumber, ...options });
