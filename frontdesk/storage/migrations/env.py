"""Alembic's entry point. The connection is handed in by frontdesk/storage/migrate.py."""

from alembic import context

from frontdesk.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
)
with context.begin_transaction():
    context.run_migrations()
