"""The vocabulary of both ends: streams, wire types, and the events made of them."""
