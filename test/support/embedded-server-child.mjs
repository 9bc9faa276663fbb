// A second Plaza process for test/integration/embedded-server.spec.ts: starts or joins the server of a folder and waits to be killed.
import './typescript.mjs';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const [, , dataDir] = process.argv;
const { startEmbeddedServer } = await import('../../src/platform/database/embedded/embedded-server.ts');
const { url, owned } = await startEmbeddedServer({ dataDir, durability: 'fast', report: () => undefined });
const { server } = JSON.parse(readFileSync(path.join(dataDir, 'database/server.json'), 'utf8'));
process.stdout.write(`${JSON.stringify({ url, owned, serverPid: server.pid })}\n`);
setInterval(() => undefined, 60_000);
