"""The only code that reaches the database: one `call`, two ways to make it, migrations, the embedded server."""
