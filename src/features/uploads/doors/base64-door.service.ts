import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { FileReception, type ReceivedFile } from '../file-reception.service.js';
import { MIB } from '../uploads.rules.js';
import type { FilePurpose } from '../uploads.types.js';
import { base64Of, decoded, decodedBytes } from './base64.rules.js';

/** Decoded. */
const MAX_BYTES = 5 * MIB;

/** Takes a file that is a text in JSON. */
@Injectable()
export class Base64Door {
  constructor(private readonly reception: FileReception) {}

  /** @throws base64Invalid, and whatever {@link FileReception.receive} does */
  async receive(memberId: string, purpose: FilePurpose, { name, data }: { name: string; data: string }): Promise<ReceivedFile> {
    const text = base64Of(data);
    return this.reception.receive(memberId, { name, purpose, door: 'base64', size: decodedBytes(text), maxBytes: MAX_BYTES }, Readable.from(decoded(text)));
  }
}
