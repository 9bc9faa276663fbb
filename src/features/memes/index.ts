export { MemesModule } from './memes.module.js';
export { MemeImporter } from './importing/meme-importer.service.js';
