"""The kit: style, theme, fonts, icons, painting helpers, actions and small dialogs that views share."""
