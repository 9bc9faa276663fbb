import { Module } from '@nestjs/common';
import { BlobRepository } from './blob.repository.js';
import { Base64Door } from './doors/base64-door.service.js';
import { FileArrivals } from './doors/file-arrivals.service.js';
import { MultipartDoor } from './doors/multipart-door.service.js';
import { PresignedCompletion } from './doors/presigned-completion.service.js';
import { PresignedDoor } from './doors/presigned-door.service.js';
import { PresignedUploadRepository } from './doors/presigned-upload.repository.js';
import { PresignedUploadsController } from './doors/presigned-uploads.controller.js';
import { RawDoor } from './doors/raw-door.service.js';
import { UploadDoorsController } from './doors/upload-doors.controller.js';
import { FileIntake } from './file-intake.service.js';
import { FileObjects } from './file-objects.service.js';
import { FileQueueRepository } from './file-queue.repository.js';
import { FileReception } from './file-reception.service.js';
import { FileSweep } from './file-sweep.service.js';
import { FileTransitions } from './file-transitions.service.js';
import { FileRepository } from './file.repository.js';
import { LiveFiles } from './live-files.service.js';
import { FileChecks } from './processing/file-checks.service.js';
import { FileClaims } from './processing/file-claims.service.js';
import { FileProcessing } from './processing/file-processing.service.js';
import { FilesWorker } from './processing/files.worker.js';
import { PictureCleaner } from './processing/picture.cleaner.js';
import { FileContentController } from './serving/file-content.controller.js';
import { FileContents } from './serving/file-contents.service.js';
import { FileLinks } from './serving/file-links.service.js';
import { FilesController } from './serving/files.controller.js';
import { OwnFiles } from './serving/own-files.service.js';
import { SftpFolders } from './sftp/sftp-folders.service.js';
import { SftpHostKeys } from './sftp/sftp-host-key.service.js';
import { SftpPuts } from './sftp/sftp-puts.service.js';
import { SftpServer } from './sftp/sftp.server.js';
import { tusBodies } from './tus/tus-bodies.provider.js';
import { TusChecksums } from './tus/tus-checksums.service.js';
import { TusCompletion } from './tus/tus-completion.service.js';
import { TusConcatenation } from './tus/tus-concatenation.service.js';
import { TusHashes } from './tus/tus-hashes.service.js';
import { TusLeases } from './tus/tus-leases.service.js';
import { TusParts } from './tus/tus-parts.service.js';
import { TusUploadRepository } from './tus/tus-upload.repository.js';
import { TusUploads } from './tus/tus-uploads.service.js';
import { TusController } from './tus/tus.controller.js';
import { TusService } from './tus/tus.service.js';
import { TusStore } from './tus/tus.store.js';
import { UploadQuotaRepository } from './upload-quota.repository.js';
import { UploadsDataset } from './uploads.dataset.js';
import { FileEvents } from './uploads.events.js';
import { UploadsTasks } from './uploads.tasks.js';

@Module({
  controllers: [UploadDoorsController, PresignedUploadsController, TusController, FilesController, FileContentController],
  providers: [
    MultipartDoor, Base64Door, RawDoor, FileArrivals, PresignedDoor, PresignedCompletion, PresignedUploadRepository,
    OwnFiles, FileContents, FileLinks, UploadsDataset,
    SftpServer, SftpHostKeys, SftpPuts, SftpFolders,
    TusService, TusStore, TusUploads, TusLeases, TusHashes, TusCompletion, TusConcatenation, TusParts, TusChecksums, TusUploadRepository, tusBodies,
    FilesWorker, FileClaims, FileProcessing, FileChecks, PictureCleaner, FileEvents, FileSweep, UploadsTasks,
    FileIntake, FileReception, LiveFiles, FileTransitions, FileObjects,
    FileRepository, BlobRepository, FileQueueRepository, UploadQuotaRepository,
  ],
  exports: [FileContents],
})
export class UploadsModule {}
