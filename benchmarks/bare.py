"""The reference: a bare Starlette application with one constant JSONResponse route, on the emulator's uvicorn settings.

Run as a script: `bare.py PORT METHOD PATH FILE`; FILE holds the JSON that each request answers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from uvicorn import Config, Server


def make_app(method: str, path: str, content: Any) -> Starlette:
    async def answer(request: Request) -> JSONResponse:
        return JSONResponse(content)

    return Starlette(routes=[Route(path, answer, methods=[method])])


def main(port: int, method: str, path: str, file: str) -> None:
    config = Config(
        make_app(method, path, json.loads(Path(file).read_bytes())),
        host="127.0.0.1",
        port=port,
        # The same as in emulator/serving/server.py.
        http="httptools",
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
    )
    Server(config).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:5])
