"""What Front Desk adds to Rasa. Runs in Rasa's environment."""
