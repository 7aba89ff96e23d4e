"""The figures of docs/figures/: see scripts/make-figures."""
