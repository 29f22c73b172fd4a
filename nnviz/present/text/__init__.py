"""Numbers, TeX and formulas as text: what rules and voice are written with."""
