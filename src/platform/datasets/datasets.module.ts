import { Global, Module } from '@nestjs/common';
import { Datasets } from './datasets.js';

@Global()
@Module({ providers: [Datasets], exports: [Datasets] })
export class DatasetsModule {}
