export { MemesModule } from './memes.module.js';
export { MemesService } from './memes.service.js';
export { MemeImporter } from './meme-importer.service.js';
