import type { ExportFormat } from '../exports.types.js';
import { csvEncoder } from './csv.encoder.js';
import type { Encoder, EncoderOptions } from './encoder.types.js';
import { jsonEncoder, ndjsonEncoder } from './json.encoders.js';
import { xlsxEncoder } from './xlsx.encoder.js';

const ENCODERS: Record<ExportFormat, (options: EncoderOptions) => Encoder> = {
  csv: csvEncoder, ndjson: ndjsonEncoder, json: jsonEncoder, xlsx: xlsxEncoder,
};

/** The encoder of a format. */
export function encoderOf(format: ExportFormat, options: EncoderOptions): Encoder {
  return ENCODERS[format](options);
}
