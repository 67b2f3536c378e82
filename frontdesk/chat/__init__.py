"""What a visitor talks to: request, screen, store, reply."""
