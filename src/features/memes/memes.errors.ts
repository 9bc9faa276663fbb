import { defineError } from '../../platform/errors/domain-error.js';

export const memeDuplicate = defineError<{ originalId: string }>('meme.duplicate', 'conflict', 'This picture, or one that looks the same, is a meme already; see originalId.');
export const fileNoImage = defineError('meme.file-no-image', 'unprocessable', 'This file is no picture. Memes are made of uploaded PNG, JPEG, GIF, WebP or AVIF pictures.');
export const templateUnknown = defineError('meme.template-unknown', 'not-found', 'There is no such template. GET /api/memes/templates lists them; `blank` is always there.');
export const aiFailed = defineError('ai.failed', 'bad-gateway', 'The caption writer did not come up with a meme. Nothing was charged; try again, or with other words.');
