import { Module } from '@nestjs/common';
import { CreditsModule } from '../credits/index.js';
import { UploadsModule } from '../uploads/index.js';
import { AiDrafts } from './ai/ai-drafts.service.js';
import { AiMemeStore } from './ai/ai-meme-store.service.js';
import { AiMemesController } from './ai/ai-memes.controller.js';
import { AiMemes } from './ai/ai-memes.service.js';
import { captionWriter } from './ai/caption-writer.provider.js';
import { CommunityCaptions } from './ai/community-captions.service.js';
import { WordList } from './ai/word-list.service.js';
import { MemeAnswers } from './catalogue/meme-answers.service.js';
import { MemeCatalogue } from './catalogue/meme-catalogue.service.js';
import { MemesController } from './catalogue/memes.controller.js';
import { MemeImporter } from './importing/meme-importer.service.js';
import { MemeEdits } from './making/meme-edits.service.js';
import { MemeLikeRepository } from './making/meme-like.repository.js';
import { MemeLikes } from './making/meme-likes.service.js';
import { MemeMakingController } from './making/meme-making.controller.js';
import { MemeMakingRepository } from './making/meme-making.repository.js';
import { MemeMaking } from './making/meme-making.service.js';
import { MemePictures } from './making/meme-pictures.service.js';
import { MemeReactionsController } from './making/meme-reactions.controller.js';
import { MemeReportRepository } from './making/meme-report.repository.js';
import { MemeReports } from './making/meme-reports.service.js';
import { MemeChanges } from './meme-changes.service.js';
import { MemeFeedRepository } from './meme-feed.repository.js';
import { MemeRepository } from './meme.repository.js';
import { MemesDataset } from './memes.dataset.js';
import { CallLeases } from './metering/call-leases.service.js';
import { CallMeter } from './metering/call-meter.service.js';
import { MemeUsageRepository } from './metering/meme-usage.repository.js';
import { SessionCalls } from './metering/session-calls.service.js';
import { UserstatsController } from './metering/userstats.controller.js';
import { Userstats } from './metering/userstats.service.js';
import { PlaceNames } from './places/place-names.service.js';
import { CaptionPainter } from './rendering/caption.painter.js';
import { MemeRenderController } from './rendering/meme-render.controller.js';
import { RenderPictures } from './rendering/render-pictures.service.js';
import { Renders } from './rendering/renders.service.js';
import { TemplatePictureRepository } from './rendering/template-picture.repository.js';

@Module({
  imports: [CreditsModule, UploadsModule],
  controllers: [AiMemesController, MemesController, UserstatsController, MemeRenderController, MemeMakingController, MemeReactionsController],
  providers: [
    MemeRepository, MemeChanges, MemeFeedRepository, MemesDataset,
    MemeCatalogue, MemeAnswers,
    CallMeter, CallLeases, SessionCalls, MemeUsageRepository, Userstats,
    MemeMaking, MemeMakingRepository, MemePictures, MemeEdits, MemeLikes, MemeLikeRepository, MemeReports, MemeReportRepository,
    Renders, RenderPictures, CaptionPainter, TemplatePictureRepository,
    AiMemes, AiDrafts, AiMemeStore, captionWriter, CommunityCaptions, WordList,
    MemeImporter,
    PlaceNames,
  ],
  exports: [MemeImporter],
})
export class MemesModule {}
