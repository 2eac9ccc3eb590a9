"""The process of `nrti dashboard`: the page without the command line, which would double the memory."""

from nrti_cli.entry import guard

guard()

import json  # noqa: E402 (an interrupt must be handled before)
import os  # noqa: E402
import signal  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402

from nrti_cli.aws.target import Target  # noqa: E402
from nrti_cli.boundary import explain, fail  # noqa: E402
from nrti_cli.console import print_dimmed  # noqa: E402
from nrti_cli.dashboard.serve import serve  # noqa: E402
from nrti_cli.errors import ExitStatus  # noqa: E402
from nrti_cli.stack.outputs import outputs  # noqa: E402
from nrti_cli.streams import open_streams  # noqa: E402


def main() -> None:
    """Serves the page that the first argument describes, until Ctrl-C."""
    open_streams()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    wanted = json.loads(sys.argv[1])
    target, opens = Target(**wanted["target"]), [wanted["opens"]]

    def address(url: str) -> None:
        print_dimmed(url)
        if opens and opens.pop():
            browser = [sys.executable, "-m", "webbrowser", url]
            subprocess.Popen(browser, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    try:
        # It says itself that AWS is lost, and tries again; nothing that waits may delay Ctrl-C.
        stack, port, period = outputs(target), wanted["port"], wanted["period"]
        serve(target.impatient(), stack, port=port, period=period, address=address)
    except KeyboardInterrupt:
        sys.exit(ExitStatus.OK)
    except Exception as error:
        explained = explain(error)
        if explained is None or os.environ.get("NRTI_TRACEBACK"):
            raise
        fail(str(explained), explained.exit_status)


main()
