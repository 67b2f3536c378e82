"""Front Desk: the chat on a ketamine clinic's website."""

__version__ = "0.1.0"
