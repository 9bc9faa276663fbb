import { defineError } from '../../platform/errors/domain-error.js';

export const unknownSource = defineError('export.unknown-source', 'unprocessable', 'There is no such source. GET /api/exports/sources lists them.');
export const unknownFormat = defineError('export.unknown-format', 'unprocessable', 'Files are csv, ndjson, json or xlsx, compressed with none, gzip or zip; everything takes neither.');
export const unknownColumn = defineError<{ columns: string[] }>('export.unknown-column', 'unprocessable', 'The source has no such column; see columns.');
export const unknownFilter = defineError<{ filters: string[] }>('export.unknown-filter', 'unprocessable', 'The source has no such filter; see filters.');
export const sourceForbidden = defineError('export.source-forbidden', 'forbidden', 'Your role or token does not include reading this source.');
export const quotaExceeded = defineError<{ retryAt: string }>('export.quota', 'too-many', 'You have as many exports under way, or ordered today, as a member may. Try again at retryAt.');
export const notReady = defineError<{ state: string }>('export.not-ready', 'conflict', 'This export has no file (yet); see state.');
export const exportExpired = defineError('export.expired', 'gone', 'The file was kept for its time and is gone. Order it again.');
export const linkInvalid = defineError('export.link-invalid', 'forbidden', 'This link is not one of ours or was altered. Ask for a new one.');
export const linkExpired = defineError('export.link-expired', 'forbidden', 'This link has run out. Ask for a new one.');
