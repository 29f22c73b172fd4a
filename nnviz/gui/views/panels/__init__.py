"""The panels: values, listing, conventions, lesson, gradient check, health, breakpoints, find."""
