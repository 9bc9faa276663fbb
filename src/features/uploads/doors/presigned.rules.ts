import { MIB } from '../uploads.rules.js';

/** What S3 takes, and copies, in one request. */
export const MAX_PRESIGNED_BYTES = 5 * 1024 * MIB;

/** How long bytes may begin to be sent. Those that began in time may take longer. */
export const PRESIGNED_SECONDS = 15 * 60;
