import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { DiskStorage } from './disk-storage.js';
import { Storage } from './storage.js';

@Global()
@Module({
  providers: [
    {
      provide: Storage,
      inject: [Config],
      useFactory: async (config: Config): Promise<Storage> => {
        if (config.STORAGE === 'disk') return new DiskStorage(config);
        // Loaded only where it is used: the SDK costs 23 MiB and a third of a second at the start.
        const { S3Storage } = await import('./s3-storage.js');
        return S3Storage.open(config);
      },
    },
  ],
  exports: [Storage],
})
export class StorageModule {}
