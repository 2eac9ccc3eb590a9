"""What commands print: a table for people, records for programs."""
