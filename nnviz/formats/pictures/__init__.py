"""Pictures of a pass for files and pages, without Qt."""
