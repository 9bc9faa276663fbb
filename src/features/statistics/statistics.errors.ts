import { defineError } from '../../platform/errors/domain-error.js';

export const unknownMetric = defineError<{ known: string[] }>('statistics.unknown-metric', 'unprocessable', 'There is no such metric; known lists those there are.');
