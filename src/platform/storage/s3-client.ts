import { HeadBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { Config } from '../config/config.js';
import { nameOf, statusOf } from './s3-faults.js';
import { StorageBootError } from './storage-boot.error.js';

/** A request that sends one part or asks for anything but a copy is answered in this time. */
const REQUEST_MS = 30_000;
const CONNECT_MS = 3_000;
/** Longer than our own clients may be silent (60 s): it is their slowness that this sees when it sends to them. */
const SILENCE_MS = 90_000;
/** What the bucket has to let Plaza do. */
const RIGHTS = 's3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucketMultipartUploads and s3:AbortMultipartUpload';

/** How the configured server is spoken to. */
export function s3ClientOptions(config: Config): S3ClientConfig {
  return {
    region: config.S3_REGION,
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
    ...(config.S3_ENDPOINT !== undefined && { endpoint: config.S3_ENDPOINT }),
    ...(config.S3_ACCESS_KEY_ID !== undefined && { credentials: { accessKeyId: config.S3_ACCESS_KEY_ID, secretAccessKey: config.S3_SECRET_ACCESS_KEY! } }),
    // Newer SDKs add checksums of their own, which many S3-compatible servers do not know.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      throwOnRequestTimeout: true,
      socketTimeout: SILENCE_MS,
      // Each download holds a socket for as long as its client takes: with a limit, slow readers would keep writers out.
      httpAgent: { maxSockets: Infinity },
      httpsAgent: { maxSockets: Infinity },
    },
  };
}

/**
 * A client of the configured server, once its bucket has answered.
 *
 * @throws StorageBootError
 */
export async function openS3Client(config: Config): Promise<S3Client> {
  const client = new S3Client(s3ClientOptions(config));
  try {
    await client.send(new HeadBucketCommand({ Bucket: config.S3_BUCKET! }));
    return client;
  } catch (error) {
    client.destroy();
    throw new StorageBootError(`Plaza cannot start, its file storage cannot be used (STORAGE=s3):\n  - ${adviceOn(error, config)}`);
  }
}

function adviceOn(error: unknown, { S3_BUCKET, S3_ENDPOINT, S3_REGION }: Config): string {
  const where = S3_ENDPOINT ?? `Amazon S3 (${S3_REGION})`;
  switch (statusOf(error)) {
    case 404: return `S3_BUCKET: there is no bucket ${S3_BUCKET} at ${where}; create it`;
    case 403: return `S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: ${where} does not let them use the bucket ${S3_BUCKET}; they need ${RIGHTS}`;
    case 301: return `S3_REGION: the bucket ${S3_BUCKET} is not in ${S3_REGION}`;
    case undefined: break;
    default: return `S3_ENDPOINT: ${where} answered ${statusOf(error)} for the bucket ${S3_BUCKET}`;
  }
  if (nameOf(error) === 'CredentialsProviderError') return 'S3_ACCESS_KEY_ID: there are no credentials, neither here nor where the AWS SDK looks for them';
  return `S3_ENDPOINT: ${where} does not answer (${(error as Error).message}); start it, or mend the address`;
}
