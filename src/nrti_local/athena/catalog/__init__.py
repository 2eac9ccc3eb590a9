"""The Glue catalog as Athena sees it: tables, partitions, views, and the statements about them."""
