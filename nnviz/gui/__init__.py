"""The window; of the other packages only render, which it imports first, imports Qt."""

import nnviz.render  # noqa: F401  (imports Qt as it must be)
