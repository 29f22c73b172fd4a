"""Numbers, tables and names as people write them, read exactly or refused with the reason; no Qt, no lesson."""
