/** There is no database to work with. The message is written for the operator and says what to do; no stack is needed. */
export class DatabaseBootError extends Error {
  override readonly name = 'DatabaseBootError';
}
