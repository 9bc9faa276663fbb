import 'reflect-metadata';
import { armFault } from '../../src/platform/config/fault-point.js';
import { openTestDatabase } from './database.js';
import { webhookSender } from './webhook-sender.js';

// A process of its own that delivers webhooks until it dies: `node --import … webhook-sender-child.ts <url> <fault>`.
const [url, fault] = process.argv.slice(2);
const { worker } = webhookSender(await openTestDatabase(), { url });
armFault(fault);
worker.onApplicationBootstrap();
