"""Models of the package beside the same models of other libraries; `make verify` runs them."""
