"""The quiz: values are predicted before they are shown, and answers are judged."""
