// Runs a user's code against emma-sdk, whose folder is the argument. A line in: {options, baseURL, code}; the code has
// `emma` and `callback`. A line out: {error, result} as the callback got them, or {thrown}.
'use strict';

const readline = require('readline');
const Emma = require(process.argv[2]);

const SECONDS = 10;

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { options, baseURL, code } = JSON.parse(line);
  const late = setTimeout(() => answer({ thrown: 'the callback was not called' }), SECONDS * 1000);
  const answer = (outcome) => {
    clearTimeout(late);
    console.log(JSON.stringify(outcome));
  };
  try {
    const emma = new Emma(options);
    emma.settings.baseURL = baseURL;
    new Function('emma', 'callback', code)(emma, (error, result) => answer({ error, result }));
  } catch (error) {
    answer({ thrown: String(error) });
  }
});
