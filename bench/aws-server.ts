/**
 * Answers the two AWS calls of `receive` over a keep-alive connection, as its own process, so that its work is not
 * counted as the handler's. Prints its port and ends with its parent.
 */
import { createServer } from 'node:http';

const secret = JSON.stringify({ username: 'parapet', current: process.argv[2] ?? '' });
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const target = String(request.headers['x-amz-target']);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    if (target.endsWith('PutEvents'))
      response.end('{"FailedEntryCount":0,"Entries":[{"EventId":"00000000-0000-4000-8000-000000000000"}]}');
    else response.end(JSON.stringify({ Name: 'secret', VersionId: 'v', SecretString: secret }));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') process.stdout.write(`${address.port}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
