"""The trace: a pass told as steps, without computing anything anew."""
