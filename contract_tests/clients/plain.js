// An ordinary program of Node's own https: sends the request {method, url, headers, body} that it is given as an argument,
// prints {status, body}.
'use strict';

const https = require('https');

const { method, url, headers, body } = JSON.parse(process.argv[2]);
const request = https.request(url, { method, headers }, (response) => {
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (part) => (text += part));
  response.on('end', () => console.log(JSON.stringify({ status: response.statusCode, body: text })));
});
request.on('error', (error) => console.log(JSON.stringify({ error: error.code || String(error) })));
request.end(body);
