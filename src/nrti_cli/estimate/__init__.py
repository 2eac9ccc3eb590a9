"""What the pipeline costs in a month, from one table of prices and stated assumptions."""
