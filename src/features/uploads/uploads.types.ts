export type FileState = 'receiving' | 'processing' | 'ready' | 'rejected' | 'expired' | 'deleted';
export const FILE_STATES: readonly FileState[] = ['receiving', 'processing', 'ready', 'rejected', 'expired', 'deleted'];

/** What a file is for: decides which types are taken. */
export type FilePurpose = 'generic' | 'chat' | 'meme' | 'avatar' | 'export';
export const FILE_PURPOSES: readonly FilePurpose[] = ['generic', 'chat', 'meme', 'avatar', 'export'];

export type FileDoor = 'multipart' | 'base64' | 'raw' | 'tus' | 'sftp' | 'presigned';

export type VariantKind = 'thumb' | 'small' | 'large';
export const VARIANT_KINDS: readonly VariantKind[] = ['thumb', 'small', 'large'];

/** Why a received file is not taken, kept as its `rejectCode`. */
export const FILE_REJECTIONS = [
  'file.infected',
  /** The scanner would not look at it, e.g. because it is larger than clamd's StreamMaxLength. */
  'file.unscannable',
  'file.image-too-large',
  'file.image-corrupt',
  'file.archive-unsafe',
  /** Three workers in a row took it and were not heard of again. */
  'file.processing-failed',
] as const;
export type FileRejection = (typeof FILE_REJECTIONS)[number];

/** What is said of a file before its first byte. */
export interface Arrival {
  readonly name: string;
  readonly purpose: FilePurpose;
  readonly door: FileDoor;
  /** In bytes, where the client says so beforehand. */
  readonly size?: number;
}

/** What is known of a file once all bytes are stored: size in bytes, hash in hex, type by its bytes. */
export interface Received {
  readonly size: number;
  readonly sha256: string;
  readonly mime: string;
}

export interface FileVariant {
  readonly kind: VariantKind;
  readonly blobId: string;
  readonly size: number;
  readonly mime: string;
  readonly width: number;
  readonly height: number;
}

/** A file as everyone outside the repository sees it. `state` is as of the read: unfinished past its time is expired. */
export interface FileRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly state: FileState;
  readonly purpose: FilePurpose;
  readonly door: FileDoor;
  readonly name: string;
  /** Bytes received; before that, as many as were announced; null while nobody knows. */
  readonly size: number | null;
  /** Bytes of the quota set aside for it until it is ready. */
  readonly reserved: number;
  /** Of the bytes received. */
  readonly sha256: string | null;
  readonly mime: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly rejectCode: FileRejection | null;
  /** How many workers began to check it. */
  readonly attempt: number;
  /** What is served. */
  readonly blobId: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly variants: readonly FileVariant[];
}

/** Bytes at a key of the storage. */
export interface StoredBytes {
  readonly storageKey: string;
  readonly size: number;
  readonly sha256: string;
}

/** What checking made of a file that is fine. */
export interface Product {
  /** The bytes to serve. */
  readonly served: StoredBytes;
  readonly width: number | null;
  readonly height: number | null;
  readonly variants: readonly (StoredBytes & Omit<FileVariant, 'blobId' | 'size'>)[];
}
