/** An S3 server on a folder, in a process of its own. Argument: JSON `{dir, port, buckets, key}`. Says `listening` when it is. */
import { createServer } from 'node:http';
import { Objects } from './s3/objects.mjs';
import { answerTo } from './s3/requests.mjs';

const { dir, port, buckets, key } = JSON.parse(process.argv[2]);
const objects = new Objects(dir);
for (const bucket of buckets) objects.makeBucket(bucket);

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const { status, headers, body } = answerTo({ objects, key }, request, Buffer.concat(parts));
    response.writeHead(status, { 'content-length': body.length, ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.listen(port, '127.0.0.1', () => process.stdout.write('listening\n'));
