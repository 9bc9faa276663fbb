import type { FactoryProvider } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import type { DiskStorage } from '../../../platform/storage/disk-storage.js';
import { Storage } from '../../../platform/storage/storage.js';
import { DiskTusBodies } from './disk-tus-bodies.js';
import { TusBodies } from './tus-bodies.js';

/** Where the storage is, there unfinished uploads grow. */
export const tusBodies: FactoryProvider<TusBodies> = {
  provide: TusBodies,
  inject: [Config, Storage],
  useFactory: async (config: Config, storage: Storage) => {
    if (config.STORAGE === 'disk') return new DiskTusBodies(storage as DiskStorage);
    // Loaded only where it is used, as the storage itself.
    const { S3TusBodies } = await import('./s3-tus-bodies.js');
    return new S3TusBodies(config);
  },
};
