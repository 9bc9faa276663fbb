import type { Writable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import multer, { type StorageEngine } from 'multer';
import type { StreamedBody } from '../../../platform/http/streamed-body.js';
import { FileReception, type ReceivedFile } from '../file-reception.service.js';
import { fileTooLarge } from '../uploads.errors.js';
import { MIB } from '../uploads.rules.js';
import type { FilePurpose } from '../uploads.types.js';
import { multipartMalformed, tooManyFiles } from './doors.errors.js';

const FIELD = 'file';
const MAX_FILES = 10;
const MAX_FILE_BYTES = 32 * MIB;
/** Of the body, with all that is around the files. */
const MAX_REQUEST_BYTES = 100 * MIB;

/** Takes files out of a form. */
@Injectable()
export class MultipartDoor {
  constructor(private readonly reception: FileReception) {}

  /**
   * Receives all files of a form, in their order, or none.
   *
   * @throws multipartMalformed, tooManyFiles, and whatever {@link FileReception.receive} does for any of them
   */
  async receive(memberId: string, purpose: FilePurpose, body: StreamedBody): Promise<ReceivedFile[]> {
    const receptions: Promise<ReceivedFile>[] = [];
    const receive = ({ originalname: name, stream }: Express.Multer.File): Promise<ReceivedFile> => {
      const reception = this.reception.receive(memberId, { name, purpose, door: 'multipart', maxBytes: MAX_FILE_BYTES }, stream);
      receptions.push(reception);
      return reception;
    };
    try {
      await readForm(body, receive);
      if (receptions.length === 0) throw multipartMalformed();
      return await Promise.all(receptions);
    } catch (error) {
      for (const outcome of await Promise.allSettled(receptions)) {
        if (outcome.status === 'fulfilled') await this.reception.abandon(outcome.value);
      }
      throw error;
    }
  }
}

/**
 * Hands each file of a form to `receive`, and is done when all of them are. At the first fault it stops reading
 * and says so: multer on its own would read the body to its end before it spoke.
 */
function readForm(body: StreamedBody, receive: (file: Express.Multer.File) => Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    let parser: Writable | undefined;
    let failed = false;
    const fail = (error: Error): void => {
      failed = true;
      reject(error);
      body.destroy();
      parser?.destroy();
    };
    if (Number(body.headers['content-length'] ?? 0) > MAX_REQUEST_BYTES) return fail(fileTooLarge({ maxBytes: MAX_REQUEST_BYTES }));
    const storage: StorageEngine = {
      _handleFile: (_request, file, done) => {
        // What the parser still finds in the bytes that it has: nobody will end such a stream.
        if (!failed) receive(file).then(() => done(null), fail);
      },
      // What was received is abandoned above, in one place.
      _removeFile: (_request, _file, done) => done(null),
    };
    const streamHandler = (_request: unknown, busboy: Writable): void => {
      parser = busboy;
      watch(busboy, fail);
      limit(body, fail);
      body.pipe(busboy);
    };
    const upload = multer({ storage, limits: { files: MAX_FILES, fields: 0 }, defParamCharset: 'utf8', preservePath: true, streamHandler } as multer.Options);
    // Of a request multer takes the headers and the stream, of a response nothing.
    const read = upload.any() as unknown as (request: StreamedBody, response: undefined, done: (error?: unknown) => void) => void;
    read(body, undefined, (error) => (error ? fail(multipartMalformed()) : resolve()));
  });
}

/** Faults that the parser sees before multer does, or that multer passes over. */
function watch(busboy: Writable, fail: (error: Error) => void): void {
  busboy.on('error', () => fail(multipartMalformed()));
  busboy.on('fieldsLimit', () => fail(multipartMalformed()));
  busboy.on('filesLimit', () => fail(tooManyFiles({ max: MAX_FILES })));
  busboy.on('file', (field: string | undefined, _stream: unknown, { filename }: { filename?: string }) => {
    if (field !== FIELD || !filename) fail(multipartMalformed());
  });
}

function limit(body: StreamedBody, fail: (error: Error) => void): void {
  let bytes = 0;
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES) fail(fileTooLarge({ maxBytes: MAX_REQUEST_BYTES }));
  });
}
