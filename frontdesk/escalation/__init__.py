"""From the moment the screen fires until a person has the conversation."""
