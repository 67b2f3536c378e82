"""What ``frontdesk COMMAND`` does, a module a command."""
