"""What a clinic edits: its facts and the curated answers. Runs in both environments."""
