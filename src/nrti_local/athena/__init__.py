"""Athena: the API on query executions and the catalog, and the engine that runs Athena's SQL on DuckDB.

`service` receives the requests. `executions` runs them: `submission` refuses what Athena refuses at once,
`runner` has a small pool of threads, `history` records each query, and `results` pages through its CSV file.
`sql` parses a query as strictly as Athena, `trino` translates it for DuckDB, and `engine` gives it a DuckDB
that can access nothing but the objects of its tables; `isolated` runs long statements in separate processes.
`catalog` reads and changes the Glue catalog: tables, partitions, views, and the statements about them.
`errors` translates DuckDB's errors into Athena's.
"""
