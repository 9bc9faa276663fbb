import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface OidcProviderProcess {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  stop(): Promise<void>;
}

/** A real OpenID provider in a process of its own: `oidc-provider` cannot be loaded by Jest. */
export async function startOidcProvider(redirectUri: string): Promise<OidcProviderProcess> {
  const clientSecret = 'a secret / between: plaza & the provider';
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'oidc-provider-child.mjs'), redirectUri, clientSecret], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(() => Promise.reject(new Error('the OpenID provider ended before it listened'))),
  ])) as [string];
  return {
    ...(JSON.parse(line) as { issuer: string }),
    clientId: 'plaza',
    clientSecret,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}
