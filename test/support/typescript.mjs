// Lets plain node import the repository's TypeScript, compiled as the build compiles it: for what runs outside
// Jest's module system. A tenth of the start-up time of @swc-node/register, which loads the whole TypeScript compiler.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
