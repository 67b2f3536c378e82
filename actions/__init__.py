"""What the bot says by code. Few and quick: a visitor waits while they run.

``python -m actions`` serves them to Rasa.
"""
