import { Module } from '@nestjs/common';
import { migrations } from '../../../../migrations/index.js';
import { ConfigModule } from '../../../platform/config/config.module.js';
import { DatabaseModule } from '../../../platform/database/database.module.js';
import { Meme } from '../entities/meme.js';
import { MemeChanges } from '../meme-changes.service.js';
import { MemeFeedRepository } from '../meme-feed.repository.js';
import { MemeRepository } from '../meme.repository.js';
import { PlaceNames } from '../places/place-names.service.js';
import { MemeImporter } from './meme-importer.service.js';

/** As little of Plaza as an import needs: it runs alone or beside a server, on the same database. */
@Module({
  imports: [ConfigModule, DatabaseModule.forRoot({ entities: [Meme], migrations })],
  providers: [MemeImporter, MemeRepository, MemeChanges, MemeFeedRepository, PlaceNames],
})
export class MemesImportModule {}
