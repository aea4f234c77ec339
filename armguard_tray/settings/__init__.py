"""What the user can set: the model, whose metadata drives dialog and command line, and its file."""
