/** The answers of SFTP version 3 that a refusal can have. */
export type SftpStatus = 'NO_SUCH_FILE' | 'PERMISSION_DENIED' | 'FAILURE' | 'OP_UNSUPPORTED';

/** A refusal that only an SFTP client can meet: no code of the API, a status and a sentence of the protocol. */
export class SftpRefusal extends Error {
  override readonly name = 'SftpRefusal';

  constructor(
    readonly status: SftpStatus,
    message: string,
  ) {
    super(message);
  }
}
