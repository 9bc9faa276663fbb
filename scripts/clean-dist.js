import { rmSync } from 'node:fs';

/** The build starts from nothing, so that no deleted source lives on in dist. */
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
