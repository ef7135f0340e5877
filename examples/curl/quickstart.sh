#!/usr/bin/env bash
# The first calls to an emulator that runs: `emulator start`, then this.
set -euo pipefail

# A world of its own, so that nobody else sees what this does, and it can be run again.
emulator="${EMULATOR_URL:-http://127.0.0.1:8025}/_world/quickstart-$$"
ask() { curl --silent --show-error "$@" && echo; }

echo "== wait until it is ready"
curl --silent --fail --retry 30 --retry-delay 1 --retry-all-errors "$emulator/_emulator/readyz" && echo

echo "== start from a known state: a small shop that comes along, on 1 May 2024"
ask --fail -X POST "$emulator/_emulator/scenarios/newsletter/load"

echo "== Emma: add a member, as your software would"
ask --fail -u public_key:private_key "$emulator/100/members/add" \
  --data '{"email": "zoe@shop.test", "fields": {"first_name": "Zoe"}}'

echo "== EngageLab: add the same person"
ask --fail -u api_user:api_key "$emulator/v1/marketing/lists/members" \
  --data '{"members": [{"email": "zoe@shop.test"}], "update_existing": true}'

echo "== break something on purpose: the next one fails"
ask --fail "$emulator/_emulator/faults" --data '{"operation": "emma.members.add", "status": 500, "nth": 1}'
ask -u public_key:private_key "$emulator/100/members/add" --data '{"email": "yan@shop.test"}'

echo "== prove what happened: two calls added members"
ask --fail "$emulator/_emulator/journal/verify" --data '{"expect": [{"operation": "emma.members.add", "count": 2}]}'

echo "== leave nothing behind"
ask --fail -X DELETE "${emulator%/_world/*}/_emulator/worlds/${emulator##*/}"
