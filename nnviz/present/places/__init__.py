"""Where text is placed on a canvas: labels with their rectangles, and free places on edges."""
