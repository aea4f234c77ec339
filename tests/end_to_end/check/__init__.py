"""The checkup of a server, against servers that are well and servers that are not."""
