"""The format of the module `logging`, as on AWS."""

from __future__ import annotations

import logging
import sys
import time

_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"


class RequestFilter(logging.Filter):
    """Adds the id of the invocation to each record."""

    request_id = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record pass."""
        record.aws_request_id = self.request_id
        return True


def configure() -> RequestFilter:
    """Gives the root logger the handler that it has on AWS; returns the handler's filter."""
    logging.Formatter.converter = time.gmtime
    handler, named = logging.StreamHandler(sys.stderr), RequestFilter()
    handler.setFormatter(logging.Formatter(_FORMAT, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(named)
    logging.getLogger().addHandler(handler)
    return named
