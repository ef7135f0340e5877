"""Other tools that stand in for an API, and how each of them serves one small JSON object by its id."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.installs import Package
from benchmarks.request import Request

OBJECTS = 1000
_ID = "6565c12a3b4e0d83d3f50500"
_GET = Request("GET", f"/members/{_ID}")
_UUID = "00000000-0000-4000-8000-{:012d}"

Command = Callable[[Path, int, Path], Sequence[str]]
"""(folder of the tool's commands, port, file to serve) -> command line."""


@dataclass(frozen=True)
class Peer:
    """A tool. `ready` is asked until it is answered, `before` is sent once, `request` is what is measured."""

    name: str
    work: str
    package: Package
    command: Command
    file: object = None
    ready: Request = _GET
    before: tuple[Request, ...] = ()
    request: Request = _GET


def peers() -> list[Peer]:
    return [_moto(), _json_server(), _mockoon(), _prism()]


def _moto() -> Peer:
    item = {name: {"S": value} for name, value in _member(500).items() if isinstance(value, str)}
    table = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    return Peer(
        "moto server",
        "DynamoDB GetItem, one item",
        Package("pip", "moto", "moto[server]"),
        lambda commands, port, _: [str(commands / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        ready=Request("GET", "/moto-api/"),
        before=(_dynamodb("CreateTable", table), _dynamodb("PutItem", {"Item": item})),
        request=_dynamodb("GetItem", {"Key": {"id": {"S": _ID}}}),
    )


def _json_server() -> Peer:
    return Peer(
        "json-server",
        f"GET by id, {OBJECTS:,} objects",
        Package("npm", "json-server", "json-server@^1.0.0-0"),
        lambda commands, port, file: [
            str(commands / "json-server"),
            *("--host", "127.0.0.1", "--port", str(port), str(file)),
        ],
        file={"members": _members()},
    )


def _mockoon() -> Peer:
    return Peer(
        "Mockoon CLI",
        f"CRUD route on a data bucket, GET by id, {OBJECTS:,} objects",
        Package("npm", "@mockoon/cli", "@mockoon/cli"),
        lambda commands, port, file: [
            str(commands / "mockoon-cli"),
            *("start", "--data", str(file), "--hostname", "127.0.0.1", "--port", str(port)),
            *("--disable-log-to-file", "--repair"),
        ],
        file=_mockoon_environment(),
    )


def _prism() -> Peer:
    example = {"content": {"application/json": {"example": _member(500)}}, "description": "A member"}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    operation = {"parameters": [parameter], "responses": {"200": example}}
    return Peer(
        "Prism",
        "GET by id, the constant example of an OpenAPI document",
        Package("npm", "@stoplight/prism-cli", "@stoplight/prism-cli"),
        lambda commands, port, file: [
            str(commands / "prism"),
            *("mock", "--host", "127.0.0.1", "--port", str(port), "--verboseLevel", "silent", str(file)),
        ],
        file={
            "openapi": "3.0.3",
            "info": {"title": "Members", "version": "1"},
            "paths": {"/members/{id}": {"get": operation}},
        },
    )


def _mockoon_environment() -> dict[str, Any]:
    response = {
        "uuid": _UUID.format(3),
        "statusCode": 200,
        "bodyType": "DATABUCKET",
        "databucketID": "memb",
        "crudKey": "id",
        "default": True,
    }
    route = {"uuid": _UUID.format(2), "type": "crud", "endpoint": "members", "method": "", "responses": [response]}
    return {
        "uuid": _UUID.format(1),
        "lastMigration": 33,
        "name": "Members",
        "routes": [route],
        "rootChildren": [{"type": "route", "uuid": route["uuid"]}],
        "data": [{"uuid": _UUID.format(4), "id": "memb", "name": "members", "value": json.dumps(_members())}],
    }


def _dynamodb(action: str, content: Mapping[str, Any]) -> Request:
    signature = "Credential=test/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00"
    headers = {
        "X-Amz-Target": f"DynamoDB_20120810.{action}",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": f"AWS4-HMAC-SHA256 {signature}",
    }
    return Request("POST", "/", headers, json.dumps({"TableName": "members", **content}))


def _members() -> list[dict[str, Any]]:
    return [_member(position) for position in range(OBJECTS)]


def _member(position: int) -> dict[str, Any]:
    """Of the shape and size of the emulator's members."""
    number = f"{position:08d}"
    return {
        "id": f"{_ID[:-4]}{position:04d}",
        "list_id": 95964,
        "email": f"member{number}@example.test",
        "phone": f"13{number}",
        "name": f"Member {number}",
        "fields": {"Birthday": "03/30", "Age": "42", "City": f"Town {number} on the river"},
        "tag_ids": ["6565c12a3b4e0d83d3f5ffff"],
        "tag_names": ["testTag"],
        "create_time": "2023-11-28T18:30:02+0800",
        "update_time": "2023-11-30T16:44:44+0800",
        "unsubscribe_time": None,
    }
