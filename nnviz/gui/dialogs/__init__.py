"""The dialogs of the window: messages, shortcuts, scores, seeds and places to go to."""
