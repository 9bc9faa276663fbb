import type { FactoryProvider } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import { CaptionWriter } from './caption-writer.js';
import { CommunityCaptions } from './community-captions.service.js';
import { MarkovCaptionWriter } from './markov-caption-writer.js';
import { OpenAiCaptionWriter } from './openai-caption-writer.js';
import { WordList } from './word-list.service.js';

/** The configured endpoint, or Plaza's own writer. */
export const captionWriter: FactoryProvider<CaptionWriter> = {
  provide: CaptionWriter,
  inject: [Config, CommunityCaptions, WordList],
  useFactory: ({ AI_BASE_URL, AI_API_KEY, AI_MODEL }: Config, captions: CommunityCaptions, wordList: WordList) =>
    AI_BASE_URL === undefined
      ? new MarkovCaptionWriter(captions, wordList)
      : new OpenAiCaptionWriter({ baseUrl: AI_BASE_URL, apiKey: AI_API_KEY, model: AI_MODEL! }),
};
