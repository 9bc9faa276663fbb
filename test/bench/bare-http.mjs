import { createServer } from 'node:http';

// The baseline: nothing but node:http, sending the texts it was started with in turn.
const answers = process.argv.slice(2).map((body) => ({ body, headers: { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) } }));
let sent = 0;
const server = createServer((_request, response) => {
  const { body, headers } = answers[sent++ % answers.length];
  response.writeHead(200, headers);
  response.end(body);
});
server.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}/`));
