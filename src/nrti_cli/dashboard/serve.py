"""Serves the page until the command is interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import uvicorn

from nrti_cli.dashboard.access import Access
from nrti_cli.dashboard.app import App
from nrti_cli.dashboard.board import Board
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs


class _Server(uvicorn.Server):
    """A uvicorn that leaves signals to the command."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(target: Target, stack: Outputs, *, port: int, period: int, address: Callable[[str], None]) -> None:
    """Serves until KeyboardInterrupt.

    Args:
        target: which pipeline.
        stack: its names.
        port: to listen on; 0 takes a free one.
        period: seconds that the page shows at first.
        address: is called with the address for the next browser, as often as there is a new one.

    Raises:
        NrtiError: the port cannot be used.
    """
    listener = _bind(port)
    with contextlib.suppress(KeyboardInterrupt), listener:
        asyncio.run(_serve(target, stack, listener, period, address))


async def _serve(
    target: Target, stack: Outputs, listener: socket.socket, period: int, address: Callable[[str], None]
) -> None:
    access = Access(listener.getsockname()[1])
    board = Board(target, stack)
    await board.begin()
    about = {"target": target.name, "place": target.place, "stack": target.stack}

    def announce() -> None:
        address(access.address({"period": str(period)}))

    server = _Server(
        uvicorn.Config(
            App(board, access, about, admitted=announce),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    announce()
    try:
        await asyncio.shield(serving)
    finally:
        board.close()
        server.should_exit = True
        await serving


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()  # the address is printed before uvicorn serves
    except OSError as error:
        listener.close()
        reason = f"port {port} cannot be used ({error.strerror})"
        raise NrtiError(reason, hint="name another with --port, or leave it out") from error
    return listener
