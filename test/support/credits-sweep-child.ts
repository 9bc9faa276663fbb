import 'reflect-metadata';
import { once } from 'node:events';
import { armFault } from '../../src/platform/config/fault-point.js';
import { openCredits } from './credits-harness.js';

// A process of its own that sweeps once when told to: `node --import … credits-sweep-child.ts <now> [fault]`.
const [now = '', fault] = process.argv.slice(2);
armFault(fault);
const credits = await openCredits({}, now);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdout.write(`${JSON.stringify(await credits.credits.accrue())}\n`);
await credits.db.close();
process.stdin.unref();
