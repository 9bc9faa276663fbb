import { createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import mysql from 'mysql2';

// The baseline: one query, streamed by mysql2 and piped to a file. Values are joined by commas as they
// are: no quotes, no guard, no hash, no pages, no fsync.
const [url, sql, file] = process.argv.slice(2);
const connection = mysql.createConnection({ uri: url, charset: 'utf8mb4', timezone: 'Z', supportBigNumbers: true });
const lines = new Transform({
  writableObjectMode: true,
  transform(row, _encoding, done) {
    const cells = Object.values(row).map((value) => (value instanceof Date ? value.toISOString() : value));
    done(null, `${cells.join(',')}\r\n`);
  },
});
await pipeline(connection.query(sql).stream(), lines, createWriteStream(file));
connection.end();
