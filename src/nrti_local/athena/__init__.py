"""Athena's SQL and Athena's promises to its clients, for ministack.

A query goes this way: `starting` refuses what Athena refuses at once, and `handlers` has the rest run
(`run`) on a small pool of threads, a long one in a process of its own (`apart`). `sql` parses it as
strictly as Athena and writes it for DuckDB, `tables` finds the objects that it needs, and `engine` gives it
a DuckDB of its own that can reach nothing else. DuckDB writes the result (`render`) as the CSV file that
becomes the S3 object at OutputLocation, through which `results` pages. `errors` says what went wrong in
Athena's words; `catalogue` answers SHOW and DESCRIBE; `store` is what all that sees of ministack.
"""

from nrti_local.athena.patches import PATCHES

__all__ = ["PATCHES"]
