import { defineError } from '../errors/domain-error.js';

export const storageFull = defineError('storage.full', 'storage-full', 'The disk has no room for this file. The operator has to make room.');
