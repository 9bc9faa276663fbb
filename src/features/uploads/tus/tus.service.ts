import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ERRORS, Metadata, Server } from '@tus/server';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { fileEmpty, fileExpired, fileTooLarge } from '../uploads.errors.js';
import type { FilePurpose } from '../uploads.types.js';
import { TusChecksums } from './tus-checksums.service.js';
import { TusConcatenation } from './tus-concatenation.service.js';
import { TusLeases, type TusLease } from './tus-leases.service.js';
import { TusUploads } from './tus-uploads.service.js';
import { tusFinal, tusLocked, tusOffset } from './tus.errors.js';
import {
  arrivalOf, assertOffsetStream, assertVersion, carriesBytes, checksumOf, expiryOf, headerOf, isFinal, isPart, OFFSET_STREAM, TUS_MAX_BYTES, TUS_PATH, wordsAbout, wordsOf,
} from './tus.rules.js';
import { TusStore } from './tus.store.js';
import type { TusAnswer, TusHeaders } from './tus.types.js';

/** What the library is told of a request, and what is told of its answer: all else is done around it. */
const ASKED = ['tus-resumable', 'upload-offset', 'upload-length', 'upload-defer-length', 'upload-metadata', 'content-length'];
const ANSWERED = ['Location', 'Upload-Offset', 'Upload-Length', 'Upload-Defer-Length'];

/** A request on its way through the library, whose hooks know it by its `Request`. */
interface Call {
  readonly method: 'POST' | 'HEAD' | 'PATCH' | 'DELETE';
  readonly memberId: string;
  readonly headers: TusHeaders;
  readonly purpose?: FilePurpose;
  /** Of an upload that is there. */
  readonly id?: string;
  /** Of an upload that was begun for it. */
  opened?: string;
  /** What was thrown inside the library. */
  refusal?: unknown;
}

/** What a handler passes on of its request: the body, and what was said above it. */
export type TusRequest = Readable & { readonly headers: TusHeaders };

/**
 * The tus protocol, spoken by its library. What that does otherwise than the protocol or the house is put right
 * around it, so that every answer but a refusal is the library's.
 */
@Injectable()
export class TusService {
  private readonly server: Server;
  private readonly calls = new WeakMap<Request, Call>();

  constructor(
    store: TusStore,
    private readonly leases: TusLeases,
    private readonly uploads: TusUploads,
    private readonly concatenation: TusConcatenation,
    private readonly checksums: TusChecksums,
  ) {
    this.server = new Server({
      path: TUS_PATH,
      datastore: store,
      maxSize: TUS_MAX_BYTES,
      // At once: who comes anew has seen the old connection fail.
      lockDrainTimeout: 1,
      locker: { newLock: (id) => this.lock(id) },
      generateUrl: (_request, { id }) => `${TUS_PATH}/${id}`,
      namingFunction: (request, metadata) => this.open(this.calls.get(request)!, metadata ?? {}),
      onResponseError: (request, error) => {
        this.calls.get(request)!.refusal = error;
        return undefined;
      },
    });
  }

  /** Begins an upload, with its first bytes where they came along, or puts one together from others. */
  async create(memberId: string, body: TusRequest, purpose?: FilePurpose): Promise<TusAnswer> {
    const { headers } = body;
    assertVersion(headers);
    const words = wordsOf(headers);
    if (isFinal(words)) return this.join(memberId, headers, purpose);
    const call: Call = { method: 'POST', memberId, headers, purpose };
    try {
      const { headers: said } = await (carriesBytes(headers) ? this.withBytes(call, body, TUS_MAX_BYTES) : this.pass(call));
      return { status: 201, headers: { ...said, ...expiryOf(await this.uploads.getOwn(memberId, call.opened!)) } };
    } catch (error) {
      if (call.opened !== undefined) await this.uploads.abandon(call.opened);
      throw error;
    }
  }

  /** Where an upload is. @throws notFound; fileDeleted, fileExpired */
  async look(memberId: string, id: string, headers: TusHeaders): Promise<TusAnswer> {
    assertVersion(headers);
    await this.uploads.getOwn(memberId, id);
    const { status, headers: said } = await this.pass({ method: 'HEAD', memberId, headers, id });
    return { status, headers: { ...said, ...wordsAbout(await this.uploads.getOwn(memberId, id)) } };
  }

  /** Adds bytes. @throws tusOffset, tusChecksum, tusFinal, tusLocked and what speaks against the whole file with its last byte */
  async add(memberId: string, id: string, body: TusRequest): Promise<TusAnswer> {
    const { headers } = body;
    assertVersion(headers);
    assertOffsetStream(headers);
    const upload = await this.uploads.getOwn(memberId, id);
    if (isFinal(upload)) throw tusFinal();
    const { status, headers: said } = await this.withBytes({ method: 'PATCH', memberId, headers, id }, body, upload.file.size ?? TUS_MAX_BYTES);
    return { status, headers: { ...said, ...expiryOf(await this.uploads.getOwn(memberId, id)) } };
  }

  /** Ends an upload for good, whoever is at work on it. */
  async end(memberId: string, id: string, headers: TusHeaders): Promise<TusAnswer> {
    assertVersion(headers);
    await this.uploads.getOwn(memberId, id);
    return this.pass({ method: 'DELETE', memberId, headers, id });
  }

  /**
   * Does what X-HTTP-Method-Override says.
   *
   * @throws notFound when that is nothing that can be done to an upload
   */
  override(memberId: string, id: string, request: TusRequest): Promise<TusAnswer> {
    switch (headerOf(request.headers, 'x-http-method-override')?.toUpperCase()) {
      case 'PATCH': return this.add(memberId, id, request);
      case 'HEAD': return this.look(memberId, id, request.headers);
      case 'DELETE': return this.end(memberId, id, request.headers);
      default: throw notFound();
    }
  }

  private async join(memberId: string, headers: TusHeaders, purpose?: FilePurpose): Promise<TusAnswer> {
    if (headerOf(headers, 'upload-length') !== undefined) throw invalid('the length of a final upload is that of its parts');
    const words = wordsOf(headers);
    const id = await this.concatenation.join(memberId, { ...arrivalOf(decoded(words.metadata), purpose), words });
    return { status: 201, headers: { Location: `${TUS_PATH}/${id}` } };
  }

  private async withBytes(call: Call, body: Readable, maxBytes: number): Promise<TusAnswer> {
    const checksum = checksumOf(call.headers);
    if (!checksum) return this.pass(call, body);
    return this.checksums.verified(body, checksum, maxBytes, ({ body: right, bytes }) => this.pass(call, right, bytes));
  }

  private async pass(call: Call, body?: Readable, bytes?: number): Promise<TusAnswer> {
    const request = new Request(`http://plaza${TUS_PATH}/${call.id ?? ''}`, {
      method: call.method,
      headers: askedBy(call.headers, body !== undefined, bytes),
      ...(body && { body: Readable.toWeb(body) as ReadableStream, duplex: 'half' }),
    });
    this.calls.set(request, call);
    try {
      const response = await this.server.handleWeb(request);
      if (call.refusal !== undefined) throw await this.reasonOf(call);
      if (response.status >= 400) throw invalid((await response.text()).trim());
      return { status: response.status, headers: answeredBy(response.headers) };
    } finally {
      body?.destroy();
    }
  }

  /** Whose bytes are gone may have been deleted through another door meanwhile: then that is the reason. */
  private async reasonOf({ memberId, id, opened, refusal }: Call): Promise<unknown> {
    const reason = refusalOf(refusal);
    const upload = id ?? opened;
    if (!(reason instanceof DomainError) && upload !== undefined) await this.uploads.getOwn(memberId, upload);
    return reason;
  }

  private lock(id: string): { lock(signal: AbortSignal, end: () => void): Promise<void>; unlock(): Promise<void> } {
    let lease: TusLease;
    return {
      lock: async (_signal, end) => {
        lease = await this.leases.take(id, end);
      },
      unlock: () => this.leases.giveBack(lease),
    };
  }

  /** Called by the library with what it has read from the headers; answers the id. */
  private async open(call: Call, metadata: Record<string, string | null>): Promise<string> {
    const { memberId, headers, purpose } = call;
    const length = headerOf(headers, 'upload-length');
    const size = length === undefined ? undefined : Number(length);
    const words = wordsOf(headers);
    if (size !== undefined && size > TUS_MAX_BYTES) throw fileTooLarge({ maxBytes: TUS_MAX_BYTES });
    if (size === 0 && !isPart(words)) throw fileEmpty();
    call.opened = await this.uploads.open(memberId, { ...arrivalOf(metadata, purpose), size }, words);
    return call.opened;
  }
}

function askedBy(given: TusHeaders, hasBytes: boolean, bytes: number | undefined): Headers {
  const headers = new Headers();
  for (const name of ASKED) {
    const value = headerOf(given, name);
    if (value !== undefined) headers.set(name, value);
  }
  if (hasBytes) headers.set('content-type', OFFSET_STREAM);
  if (bytes !== undefined) headers.set('content-length', String(bytes));
  return headers;
}

function answeredBy(given: Headers): Record<string, string> {
  return Object.fromEntries(ANSWERED.map((name) => [name, given.get(name)]).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** @throws requestInvalid */
function decoded(metadata: string | null): Record<string, string | null> {
  try {
    return metadata === null ? {} : Metadata.parse(metadata);
  } catch {
    throw invalid('Upload-Metadata must be pairs of a key and a value in Base64, with commas between them');
  }
}

/** The library throws plain objects with a status. */
function refusalOf(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  if (error === ERRORS.ABORTED) return tusLocked({ retryAfterSeconds: 1 });
  const { status_code: status, body } = error as { status_code?: number; body?: string };
  switch (status) {
    case 400:
    case 403: return invalid(body!.trim());
    case 404: return notFound();
    case 409: return tusOffset();
    case 410: return fileExpired();
    case 413: return fileTooLarge({ maxBytes: TUS_MAX_BYTES });
    default: return error instanceof Error ? error : new Error(`the tus library failed: ${body}`);
  }
}

function invalid(message: string): DomainError {
  return requestInvalid({ errors: [{ path: '', message }] });
}
