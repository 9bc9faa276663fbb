import { defineError } from '../../../platform/errors/domain-error.js';

export const tusVersion = defineError('tus.version', 'precondition', 'Send the header Tus-Resumable: 1.0.0. This server speaks no other version.');
export const tusContentType = defineError('tus.content-type', 'unsupported-media', 'The bytes of an upload are sent as Content-Type: application/offset+octet-stream.');
export const tusOffset = defineError('tus.offset', 'conflict', 'Upload-Offset is not where this upload is. Ask for that with HEAD, and go on from there.');
export const tusChecksum = defineError('tus.checksum', 'checksum-mismatch', 'The bytes are not those that Upload-Checksum speaks of. None of them was kept; send them again.');
export const tusLocked = defineError<{ retryAfterSeconds: number }>('tus.locked', 'locked', 'Another request is at work on this upload. Try again shortly.');
export const tusFinal = defineError('tus.final', 'forbidden', 'This upload was put together from others and takes no bytes of its own.');
export const tusPartUnfinished = defineError<{ id: string }>('tus.part-unfinished', 'conflict', 'A part is not finished; see id. Finish it first.');
