// A real S3 server for the tests, in a process of its own on a free port: s3rver. Operations that S3 has and s3rver has not are
// added here, on its own folders: AbortMultipartUpload, ListMultipartUploads and ListParts. `deny` in the first path segment is met
// with the answer that follows it, for what a server that works never answers: /deny-507-QuotaExceeded/…
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import S3rver from '@20minutes/s3rver';

const [, , directory, bucket] = process.argv;
const uploadsOf = (name) => path.join(directory, name, '._S3rver_uploads');

class Server extends S3rver {
  constructor(options) {
    super(options);
    // Before its own handlers: they are built from this list when it begins to listen.
    this.middleware.unshift(missing);
  }
}

async function missing(context, next) {
  const [, name, ...segments] = context.path.split('/');
  const denied = /^deny-(?<status>\d+)-(?<code>\w+)$/.exec(name)?.groups;
  if (denied) {
    context.req.resume();
    context.type = 'application/xml';
    context.body = `<?xml version="1.0"?><Error><Code>${denied.code}</Code><Message>no</Message></Error>`;
    context.status = Number(denied.status);
  } else if (context.method === 'DELETE' && 'uploadId' in context.query) {
    await rm(path.join(uploadsOf(name), path.basename(context.query.uploadId)), { recursive: true, force: true });
    context.status = 204;
  } else if (context.method === 'GET' && 'uploadId' in context.query) {
    const folder = path.join(uploadsOf(name), path.basename(context.query.uploadId));
    const files = await readdir(folder).catch(() => undefined);
    const numbers = (files ?? []).filter((file) => file.endsWith('.md5')).map((file) => Number(file.slice(0, -4))).sort((a, b) => a - b);
    const parts = await Promise.all(numbers.map(async (number) => {
      const [{ size }, md5] = await Promise.all([stat(path.join(folder, String(number))), readFile(path.join(folder, `${number}.md5`), 'utf8')]);
      return `<Part><PartNumber>${number}</PartNumber><Size>${size}</Size><ETag>&quot;${md5}&quot;</ETag></Part>`;
    }));
    context.type = 'application/xml';
    context.status = files ? 200 : 404;
    context.body = `<?xml version="1.0"?>${files ? `<ListPartsResult><IsTruncated>false</IsTruncated>${parts.join('')}</ListPartsResult>` : '<Error><Code>NoSuchUpload</Code><Message>no</Message></Error>'}`;
  } else if (context.method === 'GET' && 'uploads' in context.query && segments.join('') === '') {
    const { prefix = '' } = context.query;
    const ids = await readdir(uploadsOf(name)).catch(() => []);
    // A part that was on its way when its upload was removed leaves a folder without a key behind: no upload.
    const uploads = await Promise.all(ids.map(async (id) => ({ id, key: await readFile(path.join(uploadsOf(name), id, 'key'), 'utf8').catch(() => undefined) })));
    const mine = uploads.filter(({ key }) => key?.startsWith(prefix));
    const items = mine.map(({ id, key }) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${new Date().toISOString()}</Initiated></Upload>`);
    context.type = 'application/xml';
    context.body = `<?xml version="1.0"?><ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${items.join('')}</ListMultipartUploadsResult>`;
  } else {
    // Of a request on the bucket itself s3rver reckons the signature without the slash that ends its path, and finds it wrong.
    if (segments.join('') === '') context.app = Object.create(context.app, { allowMismatchedSignatures: { value: true } });
    await next();
  }
}

const server = new Server({ address: '127.0.0.1', port: 0, directory, silent: true, vhostBuckets: false, configureBuckets: [{ name: bucket }] });
const { port } = await server.run();
process.stdout.write(`${port}\n`);
// Ends with the test that started it, however that ends.
process.stdin.resume().on('end', () => process.exit());
