"""One module for each subcommand: it parses the options, calls the library and renders the result."""
