"""Making models from ``data/``: not needed to run Front Desk."""
