import { chatBench } from './chat.bench.js';
import { creditsBench } from './credits.bench.js';
import { exportsBench } from './exports.bench.js';
import { httpBench } from './http.bench.js';
import { loginsBench } from './logins.bench.js';
import { memesHttpBench } from './memes-http.bench.js';
import { memesSearchBench } from './memes-search.bench.js';
import { parkingBench } from './parking.bench.js';
import { uploadsBench } from './uploads.bench.js';
import { votesBench } from './votes.bench.js';
import { machine, tableOf, type BenchRow } from './bench-table.js';

/** `npm run bench` runs every table, `npm run bench -- http credits` the named ones. */
const BENCHES: Record<string, () => Promise<BenchRow[]>> = { http: httpBench, logins: loginsBench, credits: creditsBench, exports: exportsBench, uploads: uploadsBench, 'memes-search': memesSearchBench, 'memes-http': memesHttpBench, votes: votesBench, chat: chatBench, parking: parkingBench };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(1);
}

const rows: BenchRow[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`measuring ${name} …\n`);
  rows.push(...(await bench()));
}
console.log(`\n${machine()}\n\n${tableOf(rows)}\n`);
