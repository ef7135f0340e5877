// Tests of the integration against an emulator that runs: `emulator start`, then `node --test`.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import test from "node:test";

import { Contacts } from "./contacts.mjs";

const emulator = process.env.EMULATOR_URL ?? "http://127.0.0.1:8025";

// A world of its own for each test, so that tests do not see each other.
function newWorld() {
  const url = `${emulator}/_world/${randomUUID()}`;
  const control = async (method, path, body) => {
    const answer = await fetch(`${url}/_emulator/${path}`, { method, body: JSON.stringify(body) });
    assert.ok(answer.ok, await answer.clone().text());
    return answer.json();
  };
  // Any account exists on first use, for any key.
  return { contacts: new Contacts(url, "api_user", "api_key"), control };
}

test("people are new once", async () => {
  const { contacts } = newWorld();
  assert.equal(await contacts.save([{ email: "ann@shop.test" }, { email: "bob@shop.test" }]), 2);
  assert.equal(await contacts.save([{ email: "ann@shop.test" }]), 0);
});

test("a failure of the vendor is an error that says so", async () => {
  const { contacts, control } = newWorld();
  await control("POST", "faults", { operation: "engagelab.*", status: 500 });
  await assert.rejects(contacts.save([{ email: "ann@shop.test" }]), /500/);
});

test("one request is enough for many people", async () => {
  const { contacts, control } = newWorld();
  await contacts.save(Array.from({ length: 500 }, (_, number) => ({ email: `person${number}@shop.test` })));
  const verdict = await control("POST", "journal/verify", { expect: [{ vendor: "engagelab", count: 1 }] });
  assert.ok(verdict.ok, JSON.stringify(verdict));
});
