/** A WHERE clause put together from conditions that must all hold, with their values. */
export class Conditions {
  private readonly parts: string[] = [];
  readonly values: unknown[] = [];

  /** `WHERE …`, or nothing when there is no condition. */
  get sql(): string {
    return this.parts.length === 0 ? '' : `WHERE ${this.parts.join(' AND ')}`;
  }

  and(part: string, ...values: readonly unknown[]): this {
    this.parts.push(part);
    this.values.push(...values);
    return this;
  }
}

/**
 * Text that stands for itself in a pattern of `LIKE ? ESCAPE '!'`. Not by the backslash, LIKE's default:
 * under the SQL mode NO_BACKSLASH_ESCAPES it escapes nothing.
 */
export function escapeLike(text: string): string {
  return text.replace(/[!%_]/g, '!$&');
}

/** What a JSON column holds: MySQL answers it parsed, MariaDB as text. */
export function jsonOf<T extends object>(json: string | T): T {
  return typeof json === 'string' ? (JSON.parse(json) as T) : json;
}
