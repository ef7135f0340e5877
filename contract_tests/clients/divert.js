// Loaded before a program (node --require), as a stand-in for a line in /etc/hosts: TLS connections to DIVERT_NAMES go to
// port DIVERT_PORT of this machine, and there are no others. The program still asks for, and verifies, the name.
'use strict';

const tls = require('tls');

const names = process.env.DIVERT_NAMES.split(',');
const connect = tls.connect;

tls.connect = (options, ...rest) => {
  if (!names.includes(options.host) || Number(options.port) !== 443) {
    throw new Error(`nothing may go to ${options.host}:${options.port}`);
  }
  return connect({ ...options, host: '127.0.0.1', port: Number(process.env.DIVERT_PORT) }, ...rest);
};
