import { NestFactory } from '@nestjs/core';
import { MemeFileError, openMemeFile } from './meme-file.reader.js';
import { MemeImporter, type ImportReport } from './meme-importer.service.js';
import { importProgress } from './memes-import.progress.js';

/** `npm run memes:import -- FILE`: answers the exit code. */
export async function importMemes(file: string | undefined, output: NodeJS.WriteStream, signal: AbortSignal): Promise<number> {
  if (file === undefined) throw new MemeFileError('Name the file to import: npm run memes:import -- FILE');
  const { bytes, source } = await openMemeFile(file);
  // Imported late: a wrong file name is answered at once.
  const { MemesImportModule } = await import('./memes-import.module.js');
  const app = await NestFactory.createApplicationContext(MemesImportModule, { logger: false, abortOnError: false });
  try {
    const progress = importProgress(output, bytes);
    const report = await app.get(MemeImporter).import(source, { signal, onProgress: (read) => progress.update(read) }).catch((error: unknown) => {
      progress.stop(false);
      throw error;
    });
    progress.stop(!signal.aborted);
    if (signal.aborted) output.write('Stopped before the end; run it again to go on.\n');
    output.write(summary(report));
    return signal.aborted ? 130 : 0;
  } finally {
    await app.close();
  }
}

/** What the import did, for people. */
export function summary({ imported, alreadyThere, skipped, seconds }: ImportReport): string {
  const skips = skipped.reduce((sum, { count }) => sum + count, 0);
  const reasons = skipped.map(({ reason, count, lines }) => `  ${reason}: ${count}, line${count > 1 ? 's' : ''} ${lines.join(', ')}${count > lines.length ? ', …' : ''}\n`);
  return `Imported ${imported}, already there ${alreadyThere}, skipped ${skips} in ${seconds.toFixed(1)} s\n${reasons.join('')}`;
}
