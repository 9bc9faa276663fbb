import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import type { DataSource } from 'typeorm';
import type { DayMask } from '../../src/features/parking/guard/day-masks.rules.js';

interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Statements of one transaction, or one that was sent by itself. */
interface Part {
  readonly isTransaction: boolean;
  readonly statements: readonly Statement[];
}

interface MaskRow extends RowDataPacket {
  readonly id: string;
  readonly day: string;
  readonly lo: number;
  readonly hi: number;
}

/** What is other than it was when it was recorded. */
export interface Replaced {
  /** By the value in the recording; dates by their ISO text. */
  readonly values: ReadonlyMap<unknown, unknown>;
  /** The quarter-hours that are taken, or given back. */
  readonly mask: DayMask;
}

/** Which spot a booking got. */
export interface Taken {
  readonly spotId: string;
  /** How many it tried. */
  readonly tried: number;
}

const TAKES_SPOT = /^UPDATE spot_day SET .* = 0$/;
const LISTS_SPOTS = / FROM spot WHERE garage_id /;
const LISTS_MASKS = / FROM spot_day WHERE /;
const BITS = /\b(lo|hi) ([|&]) (~?)\d+/g;
/** Deadlock and lock wait: the transaction is done again. */
const AGAIN = [1213, 1205];

/** What a service sends, written down once, and sent again on raw mysql2 with other values: so the two cannot drift apart. */
export class Recording {
  private constructor(
    readonly parts: readonly Part[],
    /** In the recording. */
    private readonly spotId: string,
  ) {}

  /** Lets the service do it once. Whatever else the application does meanwhile is left out. @param work answers the spot that it is about */
  static async of(dataSource: DataSource, work: () => Promise<string>): Promise<Recording> {
    const before = dataSource.logger;
    const context = new AsyncLocalStorage<Statement[]>();
    const statements: Statement[] = [];
    dataSource.logger = Object.assign(Object.create(before) as typeof before, {
      logQuery: (sql: string, parameters: readonly unknown[] = []) => void context.getStore()?.push({ sql, parameters }),
    });
    try {
      const spotId = await context.run(statements, work);
      return new Recording(partsOf(statements), spotId);
    } finally {
      dataSource.logger = before;
      context.disable();
    }
  }

  /** False when the service has come to book in another way than {@link replay} knows. */
  get isBooking(): boolean {
    return [TAKES_SPOT, LISTS_SPOTS, LISTS_MASKS].every((known) => this.parts.flatMap(({ statements }) => statements).filter(({ sql }) => known.test(sql)).length === 1);
  }

  /** How many statements, those that open and end transactions left out. */
  get size(): number {
    return this.parts.flatMap(({ statements }) => statements).length;
  }

  /**
   * Sends it again. A booking tries the spots that were free when they were read, in the garage's order, until one still is.
   *
   * @returns the spot; undefined when all of them were taken in between
   */
  async replay(pool: Pool, { values, mask }: Replaced): Promise<Taken | undefined> {
    const own = new Map(values);
    let candidates: string[] = [];
    let taken: Taken = { spotId: own.get(this.spotId) as string, tried: 0 };
    const send = async <Result extends RowDataPacket[] | ResultSetHeader>(connection: Pool | PoolConnection, { sql, parameters }: Statement): Promise<Result> => {
      const text = sql.replace(BITS, (_, half: 'lo' | 'hi', operator, not) => `${half} ${operator} ${not}${mask[half]}`);
      const [result] = await connection.query<Result>(text, parameters.map((parameter) => replaced(parameter, own)));
      return result;
    };
    const take = async (connection: Pool | PoolConnection, statement: Statement): Promise<boolean> => {
      for (const [index, spotId] of candidates.entries()) {
        own.set(this.spotId, spotId);
        taken = { spotId, tried: index + 1 };
        if ((await send<ResultSetHeader>(connection, statement)).affectedRows === 1) return true;
      }
      return false;
    };
    const step = async (connection: Pool | PoolConnection, statement: Statement): Promise<boolean> => {
      if (TAKES_SPOT.test(statement.sql)) return take(connection, statement);
      const rows = await send<RowDataPacket[]>(connection, statement);
      if (LISTS_SPOTS.test(statement.sql)) candidates = rows.map(({ id }) => id as string);
      if (LISTS_MASKS.test(statement.sql)) {
        const busy = new Set((rows as MaskRow[]).filter((row) => meets(row, mask)).map(({ id }) => id));
        candidates = candidates.filter((id) => !busy.has(id));
      }
      return true;
    };
    for (const part of this.parts) {
      if (!part.isTransaction) await step(pool, part.statements[0]!);
      else if (!(await transaction(pool, part.statements, step))) return undefined;
    }
    return taken;
  }
}

function partsOf(statements: readonly Statement[]): Part[] {
  const parts: { isTransaction: boolean; statements: Statement[] }[] = [];
  let open: Statement[] | undefined;
  for (const statement of statements) {
    if (statement.sql === 'START TRANSACTION') parts.push({ isTransaction: true, statements: (open = []) });
    else if (statement.sql === 'COMMIT') open = undefined;
    else if (open !== undefined) open.push(statement);
    else parts.push({ isTransaction: false, statements: [statement] });
  }
  return parts;
}

async function transaction(pool: Pool, statements: readonly Statement[], step: (connection: PoolConnection, statement: Statement) => Promise<boolean>): Promise<boolean> {
  for (;;) {
    const connection = await pool.getConnection();
    try {
      await connection.query('START TRANSACTION');
      for (const statement of statements) {
        if (await step(connection, statement)) continue;
        await connection.query('ROLLBACK');
        return false;
      }
      await connection.query('COMMIT');
      return true;
    } catch (error) {
      await connection.query('ROLLBACK');
      if (!AGAIN.includes((error as { errno: number }).errno)) throw error;
    } finally {
      connection.release();
    }
  }
}

function replaced(parameter: unknown, values: ReadonlyMap<unknown, unknown>): unknown {
  if (Array.isArray(parameter)) return parameter.map((each) => replaced(each, values));
  const key = parameter instanceof Date ? parameter.toISOString() : parameter;
  return values.has(key) ? values.get(key) : parameter;
}

function meets(row: MaskRow, { day, lo, hi }: DayMask): boolean {
  return row.day === day && ((BigInt(row.lo) & lo) > 0n || (BigInt(row.hi) & hi) > 0n);
}
