"""What every part of the presentation needs: the voice, numbers as text, palette, printed figures, changes."""
