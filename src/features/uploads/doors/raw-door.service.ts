import { Injectable } from '@nestjs/common';
import type { StreamedBody } from '../../../platform/http/streamed-body.js';
import { FileReception, type ReceivedFile } from '../file-reception.service.js';
import type { FilePurpose } from '../uploads.types.js';
import { promisedSha256 } from './content-digest.rules.js';
import { digestedBody } from './digested-body.stream.js';
import { inflatedBody } from './inflated-body.stream.js';

/** Takes a file that is the body itself. */
@Injectable()
export class RawDoor {
  constructor(private readonly reception: FileReception) {}

  /**
   * @throws encodingUnsupported, requestInvalid for a Content-Digest that is none; digestMismatch, encodingInvalid, fileBomb
   * @throws whatever {@link FileReception.receive} does
   */
  async receive(memberId: string, { name, purpose }: { name: string; purpose: FilePurpose }, body: StreamedBody): Promise<ReceivedFile> {
    const { 'content-encoding': encoding, 'content-length': length, 'content-digest': digest } = body.headers;
    // Of the content as it was sent, and so before it is unpacked (RFC 9530 §2).
    const sha256 = promisedSha256(digest?.toString());
    const sent = sha256 === undefined ? body : digestedBody(body, sha256);
    const bytes = inflatedBody(sent, encoding);
    const size = length !== undefined && bytes === sent ? Number(length) : undefined;
    try {
      return await this.reception.receive(memberId, { name, purpose, door: 'raw', ...(size !== undefined && { size }) }, bytes);
    } finally {
      // Of a body that was refused nothing more is unpacked.
      bytes.destroy();
    }
  }
}
