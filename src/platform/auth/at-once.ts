/**
 * Goes on with a value: at once when it is there, later when it is promised. What is asked on every request is
 * mostly in memory, and a dozen promises with nothing to wait for were a tenth of a small request when measured.
 */
export function goOn<Value, Result>(value: Value | Promise<Value>, next: (value: Value) => Result | Promise<Result>): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}
