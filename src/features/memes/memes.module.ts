import { Module } from '@nestjs/common';
import { MemeImporter } from './meme-importer.service.js';
import { MemeRepository } from './meme.repository.js';
import { MemesController } from './memes.controller.js';
import { MemesDataset } from './memes.dataset.js';
import { MemesService } from './memes.service.js';

@Module({
  controllers: [MemesController],
  providers: [MemesService, MemeRepository, MemeImporter, MemesDataset],
  exports: [MemesService, MemeImporter],
})
export class MemesModule {}
