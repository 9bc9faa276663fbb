/** Plaza cannot start on its storage; the message says what the operator can do about it. */
export class StorageBootError extends Error {
  override readonly name = 'StorageBootError';
}
