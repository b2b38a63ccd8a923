/** An S3 server on a folder, in a process of its own. Argument: JSON `{dir, port, buckets}`. Says `listening` when it is. */
import S3rver from 's3rver';

const { dir, port, buckets } = JSON.parse(process.argv[2]);
const server = new S3rver({
  address: '127.0.0.1',
  port,
  directory: dir,
  silent: true,
  vhostBuckets: false,
  configureBuckets: buckets.map((name) => ({ name })),
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    void server.close();
    server.httpServer.closeAllConnections();
  });
}
await server.run();
process.stdout.write('listening\n');
