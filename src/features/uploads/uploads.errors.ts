import { defineError } from '../../platform/errors/domain-error.js';
import type { FileRejection, FileState } from './uploads.types.js';

export const fileQuota = defineError<{ used: number; reserved: number; max: number }>('file.quota', 'storage-full', 'Your storage has no room for this file. Delete some of your files, or end unfinished uploads.');
export const tooManyUnfinished = defineError<{ max: number }>('file.too-many-unfinished', 'too-many', 'You have as many unfinished uploads as a member may. Finish or delete some.');
export const fileTooLarge = defineError<{ maxBytes: number }>('file.too-large', 'too-large', 'The file is larger than this door takes, or than was announced; see maxBytes. Larger ones go to /api/files/raw or /api/files/tus.');
export const fileSizeMismatch = defineError<{ expected: number; received: number }>('file.size-mismatch', 'malformed', 'The file has not as many bytes as were announced. Send it again.');
export const fileIncomplete = defineError('file.incomplete', 'malformed', 'The connection ended before the file did. Send it again.');
export const fileEmpty = defineError('file.empty', 'unprocessable', 'A file has at least one byte.');
export const typeNotAllowed = defineError<{ mime: string; purpose: string }>('file.type-not-allowed', 'unprocessable', 'Files of this type, as their bytes show it, are not taken for this purpose.');
export const fileNotReady = defineError<{ state: FileState; rejectCode?: FileRejection }>('file.not-ready', 'conflict', 'This file has no content to show (yet); see state.');
export const fileDeleted = defineError('file.deleted', 'gone', 'This file was deleted.');
export const fileExpired = defineError('file.expired', 'gone', 'This upload was not finished in its time and is gone. Begin it again.');
export const fileLinkInvalid = defineError('file.link-invalid', 'forbidden', 'This link is not one of ours or was altered. Ask its owner for a new one.');
export const fileLinkExpired = defineError('file.link-expired', 'forbidden', 'This link has run out. Ask its owner for a new one.');
