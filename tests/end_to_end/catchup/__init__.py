"""The log is kept complete, by the whole core of the program against a real server."""
