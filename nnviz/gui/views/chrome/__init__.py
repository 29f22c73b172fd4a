"""What frames the views: toolbar, timeline, bars, panel headings, and small shared controls."""
