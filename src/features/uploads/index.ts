export { UploadsModule } from './uploads.module.js';
export { FileContents, type ServedFile } from './serving/file-contents.service.js';
export { fileDeleted, fileExpired, fileNotReady } from './uploads.errors.js';
export { VariantQueryDto } from './dto/variant-query.dto.js';
export type { VariantKind } from './uploads.types.js';
