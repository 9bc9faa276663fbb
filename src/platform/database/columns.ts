import { Column, PrimaryColumn, type ColumnOptions } from 'typeorm';
import { v7 } from 'uuid';

/** A new id: UUIDv7 (RFC 9562), so that rows land in the index in the order they are made. */
export function newId(): string {
  return v7();
}

/** SQL type of every id: 36 ASCII characters, readable in a shell and the same on every engine. */
const ID = { type: 'char', length: 36, charset: 'ascii', collation: 'ascii_bin' } as const;

export const IdPrimaryColumn = (): PropertyDecorator => PrimaryColumn(ID);
export const IdColumn = (options: ColumnOptions = {}): PropertyDecorator => Column({ ...ID, ...options });

/** UTC, millisecond precision. */
export const InstantColumn = (options: ColumnOptions = {}): PropertyDecorator => Column({ type: 'datetime', precision: 3, ...options });

/** A calendar date as `YYYY-MM-DD`, without a time zone. */
export const DateColumn = (options: ColumnOptions = {}): PropertyDecorator => Column({ type: 'date', ...options });

/** BIGINT: a number in every answer of the driver. What goes in stays below 2^53, where numbers are exact. */
export const BigintColumn = (options: ColumnOptions = {}): PropertyDecorator => Column({ type: 'bigint', ...options });
export const BigintPrimaryColumn = (): PropertyDecorator => PrimaryColumn({ type: 'bigint' });

/** A word of ours, such as a state or a code, compared byte for byte: at most `length` ASCII characters. */
export const AsciiColumn = (length: number, options: ColumnOptions = {}): PropertyDecorator =>
  Column({ type: 'varchar', length, charset: 'ascii', collation: 'ascii_bin', ...options });
