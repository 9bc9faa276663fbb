import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

// The baseline: nothing but node:http, piping each request to a file in the folder it was started with, with a hash and an fsync.
const folder = process.argv[2];
const server = createServer(async (request, response) => {
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(request, hashing, createWriteStream(path.join(folder, randomUUID()), { flush: true }));
  response.writeHead(201, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ sha256: hash.digest('hex') }));
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}/`));
