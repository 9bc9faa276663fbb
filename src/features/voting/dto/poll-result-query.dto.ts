import type { ApiQueryOptions } from '@nestjs/swagger';
import { z } from 'zod';
import { BALLOT_FORMATS } from '../results/ballot-formats.rules.js';
import { windowSecondsOf } from '../results/results.rules.js';

const DURATION = 'window must be an ISO 8601 duration of days, hours, minutes and seconds from PT1S to P30D';

/** `GET /api/polls/:id/result?…`, the window made seconds. */
export const pollResultQuery = z.strictObject({
  window: z
    .string(DURATION)
    .transform((duration, context) => {
      const seconds = windowSecondsOf(duration);
      if (seconds === undefined) context.addIssue({ code: 'custom', message: DURATION });
      return seconds ?? 0;
    })
    .optional(),
});

export type PollResultQuery = z.output<typeof pollResultQuery>;

/** Describes {@link pollResultQuery}, which does the checking. */
export const WINDOW_PARAMETER: ApiQueryOptions = {
  name: 'window', required: false, schema: { type: 'string', example: 'PT10M' },
  description: 'Adds votesInWindow: votes of so long until now, as an ISO 8601 duration from PT1S to P30D. A window of n seconds is n whole seconds of the clock, the present one among them',
};

/** `GET /api/polls/:id/ballots?…` */
export const ballotsQuery = z.strictObject({ format: z.enum(BALLOT_FORMATS, `format must be one of ${BALLOT_FORMATS.join(', ')}`).default('csv') });

export type BallotsQuery = z.output<typeof ballotsQuery>;

/** Describes {@link ballotsQuery}. */
export const FORMAT_PARAMETER: ApiQueryOptions = {
  name: 'format', required: false, schema: { type: 'string', enum: [...BALLOT_FORMATS], default: 'csv', example: 'csv' },
  description: '`csv`: a row for each ballot. `blt` (ranks only) and `abif`: equal ballots together, for programs that count elections',
};
