"""The stage of presentation mode, films and pages: what it shows and where, as plain data."""
