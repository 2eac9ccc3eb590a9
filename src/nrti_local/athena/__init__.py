"""Athena: the API on query executions and the catalogue, and the engine that runs Athena's SQL on DuckDB.

`service` receives the requests. `submission` refuses what Athena refuses at once; `runner` has the rest run
on a small pool of threads, long statements in processes of their own (`isolated`); `history` records them.
`sql` parses a query as strictly as Athena and translates it for DuckDB, `tables` finds the objects that it
needs, and `engine` gives it a DuckDB that can access nothing else. DuckDB writes the result (`render`) as the
CSV file that becomes the S3 object at OutputLocation, which `results` pages through. `errors` translates
DuckDB's errors into Athena's; `statements` answers SHOW and DESCRIBE, `ddl` creates and drops tables;
`store` reads the Glue catalogue and S3.
"""
