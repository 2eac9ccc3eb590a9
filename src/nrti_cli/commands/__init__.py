"""One module per subcommand: parse the options, call the library, render the result."""
