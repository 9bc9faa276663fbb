import type { ExportFormat } from '../exports.types.js';
import { csvEncoder } from './csv.encoder.js';
import type { Encoder, EncoderOptions } from './encoder.types.js';
import { ndjsonEncoder } from './ndjson.encoder.js';

const ENCODERS: Record<ExportFormat, (options: EncoderOptions) => Encoder> = { csv: csvEncoder, ndjson: ndjsonEncoder };

/** The encoder of a format. */
export function encoderOf(format: ExportFormat, options: EncoderOptions): Encoder {
  return ENCODERS[format](options);
}
