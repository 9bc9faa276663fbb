/**
 * Goes on with a value: at once when it is there, later when it is promised. What is asked on every request is
 * mostly in memory, and a chain of promises with nothing to wait for costs a small request more than the looking up.
 */
export function goOn<Value, Result>(value: Value | Promise<Value>, next: (value: Value) => Result | Promise<Result>): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}
