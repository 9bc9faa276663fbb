// Jest loads this outside its own module system, where nothing compiles TypeScript: so it is registered here.
import './typescript.mjs';

/** @param {import('jest').Config} globalConfig */
export default async function globalSetup(globalConfig) {
  const { startTestServer } = await import('./test-server.ts');
  globalThis.__plazaTestServer = await startTestServer(globalConfig.maxWorkers);
}
