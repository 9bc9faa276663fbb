/** Port to where the bytes of unfinished uploads grow, at the key where they then stay. Its caller holds the upload's lease. */
export abstract class TusBodies {
  /** Begins an upload, durably. @param size in bytes, when it is known */
  abstract create(id: string, size: number | undefined): Promise<void>;
  /** How many bytes are durable; undefined when there is no such upload. */
  abstract offset(id: string): Promise<number | undefined>;
  /** The size has become known. */
  abstract declare(id: string, size: number): Promise<void>;
  /**
   * Adds bytes from `offset` on, and answers where it is once they are durable. When `chunks` fails, or the
   * process dies, as much as has become durable stays.
   *
   * @throws storageFull when there is no room
   */
  abstract append(id: string, offset: number, chunks: AsyncIterable<Buffer>): Promise<number>;
}
