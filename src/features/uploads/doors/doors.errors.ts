import { defineError } from '../../../platform/errors/domain-error.js';

export const multipartMalformed = defineError('multipart.malformed', 'malformed', 'Send multipart/form-data with one file or more in the field "file", each with a file name, and no other fields.');
export const tooManyFiles = defineError<{ max: number }>('multipart.too-many-files', 'too-large', 'That are more files than one request takes; see max.');
export const base64Invalid = defineError('base64.invalid', 'malformed', 'The data must be base64 as RFC 4648 §4 has it: its alphabet, padded, nothing in between. A data URL may hold it.');
export const digestMismatch = defineError('digest.mismatch', 'malformed', 'The bytes are not those that Content-Digest speaks of. Send them again.');
export const presignUnavailable = defineError('presign.unavailable', 'unprocessable', 'This storage takes bytes only through Plaza: send them to /api/files/raw, /api/files/tus or another door.');
export const fileNotUploaded = defineError('file.not-uploaded', 'conflict', 'The storage has none of the bytes yet. PUT them to the presigned url first.');
export const encodingUnsupported = defineError('encoding.unsupported', 'unsupported-media', 'Content-Encoding is gzip, br or identity, and only one of them.');
export const encodingInvalid = defineError('encoding.invalid', 'malformed', 'The body is not what Content-Encoding says, or is broken.');
export const fileBomb = defineError<{ ratio: number }>('file.bomb', 'too-large', 'The body unpacks to more than ratio times its size. Send it as it is.');
