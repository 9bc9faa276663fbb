import { requestInvalid } from '../../../platform/errors/house.errors.js';
import { CHECKSUM_ALGORITHMS, type Checksum, type TusHeaders, type TusRecord, type TusWords } from './tus.types.js';
import { tusContentType, tusVersion } from './tus.errors.js';
import { FILE_PURPOSES, type FilePurpose } from '../uploads.types.js';

export const TUS_VERSION = '1.0.0';
export const TUS_PATH = '/api/files/tus';
/** What S3 can hold in one file: the limit whatever the quota is. */
export const TUS_MAX_BYTES = 5 * 1024 ** 4;
export const OFFSET_STREAM = 'application/offset+octet-stream';
const EXTENSIONS = ['creation', 'creation-with-upload', 'creation-defer-length', 'expiration', 'termination', 'checksum', 'concatenation'];

/** What a server of the protocol says of itself. */
export const TUS_GREETING = {
  'Tus-Resumable': TUS_VERSION,
  'Tus-Version': TUS_VERSION,
  'Tus-Extension': EXTENSIONS.join(','),
  'Tus-Max-Size': String(TUS_MAX_BYTES),
  'Tus-Checksum-Algorithm': CHECKSUM_ALGORITHMS.join(','),
} as const;

const METADATA_BYTES = 8192;
const NAMELESS = 'unnamed';
const ID = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DIGEST_BYTES = { sha1: 20, sha256: 32, sha512: 64 } as const;

/** The value of a header; undefined when it was not sent. */
export const headerOf = (headers: TusHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};

const invalid = (path: string, message: string) => requestInvalid({ errors: [{ path, message }] });

/** @throws tusVersion */
export function assertVersion(headers: TusHeaders): void {
  if (headerOf(headers, 'tus-resumable') !== TUS_VERSION) throw tusVersion();
}

/** @throws tusContentType */
export function assertOffsetStream(headers: TusHeaders): void {
  if (!carriesBytes(headers)) throw tusContentType();
}

/** Whether the body of this request is bytes of the upload. */
export function carriesBytes(headers: TusHeaders): boolean {
  return headerOf(headers, 'content-type')?.split(';', 1)[0]!.trim().toLowerCase() === OFFSET_STREAM;
}

/** @throws requestInvalid when it is none that this server can compare */
export function checksumOf(headers: TusHeaders): Checksum | undefined {
  const header = headerOf(headers, 'upload-checksum');
  if (header === undefined) return undefined;
  const [name = '', encoded = '', ...rest] = header.split(' ');
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name);
  if (algorithm === undefined) throw invalid('Upload-Checksum', `the algorithm must be one of ${CHECKSUM_ALGORITHMS.join(', ')}`);
  const digest = Buffer.from(encoded, 'base64');
  if (rest.length > 0 || !BASE64.test(encoded) || digest.length !== DIGEST_BYTES[algorithm]) throw invalid('Upload-Checksum', `must be ${algorithm} and its digest in Base64`);
  return { algorithm, digest };
}

/**
 * What Upload-Metadata and Upload-Concat say, fit to be kept.
 *
 * @throws requestInvalid
 */
export function wordsOf(headers: TusHeaders): TusWords {
  const metadata = headerOf(headers, 'upload-metadata') ?? null;
  const concat = headerOf(headers, 'upload-concat') ?? null;
  if (metadata !== null && metadata.length > METADATA_BYTES) throw invalid('Upload-Metadata', `must be at most ${METADATA_BYTES} bytes`);
  if (concat !== null && concat !== 'partial' && !isFinal({ concat })) throw invalid('Upload-Concat', 'must be partial, or final; and the addresses of partial uploads');
  return { metadata, concat };
}

export const isPart = ({ concat }: Pick<TusWords, 'concat'>): boolean => concat === 'partial';
export const isFinal = ({ concat }: Pick<TusWords, 'concat'>): boolean => concat?.startsWith('final;') ?? false;

/**
 * The uploads of which a final one is put together, in order.
 *
 * @throws requestInvalid
 */
export function partsOf({ concat }: Pick<TusWords, 'concat'>): string[] {
  const addresses = concat!.slice('final;'.length).split(' ').filter((address) => address !== '');
  const ids = addresses.map((address) => ID.exec(address)?.[1]?.toLowerCase());
  if (ids.length === 0 || ids.some((id) => id === undefined)) throw invalid('Upload-Concat', 'must name addresses of partial uploads');
  if (new Set(ids).size !== ids.length) throw invalid('Upload-Concat', 'must name each upload once');
  return ids as string[];
}

/**
 * What an upload is called and for: by its metadata, or by the query.
 *
 * @param metadata decoded
 * @throws requestInvalid for a purpose that is none
 */
export function arrivalOf(metadata: Readonly<Record<string, string | null>>, purposeAsked: FilePurpose | undefined): { name: string; purpose: FilePurpose } {
  const asked = purposeAsked ?? metadata['purpose'] ?? 'generic';
  const purpose = FILE_PURPOSES.find((known) => known === asked);
  if (purpose === undefined) throw invalid('purpose', `must be one of ${FILE_PURPOSES.join(', ')}`);
  return { name: metadata['filename'] ?? metadata['name'] ?? NAMELESS, purpose };
}

/** What every answer about an upload says of it, beyond its offset. */
export function wordsAbout({ file, metadata, concat }: TusRecord): Record<string, string> {
  return {
    ...(metadata !== null && { 'Upload-Metadata': metadata }),
    ...(concat !== null && { 'Upload-Concat': concat }),
    ...expiryOf({ file }),
  };
}

/** RFC 9110 wants dates in the form of its own. */
export function expiryOf({ file }: Pick<TusRecord, 'file'>): Record<string, string> {
  return file.state === 'receiving' && file.expiresAt !== null ? { 'Upload-Expires': file.expiresAt.toUTCString() } : {};
}
