"""The finder: which quantity of which pass a printed number is, and what a near miss did differently."""
