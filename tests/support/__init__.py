"""What tests share: a real Front Desk process, a Rasa that misbehaves on demand, services."""
