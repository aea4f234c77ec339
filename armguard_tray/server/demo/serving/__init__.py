"""The servers that the demo can run in, one module each, with one function: `serve(options, random)`."""
