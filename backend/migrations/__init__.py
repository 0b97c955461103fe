"""The history of the schema: alembic's revisions, run when the server starts or by `fieldtill db upgrade`."""
