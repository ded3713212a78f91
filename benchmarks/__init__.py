"""What is measured, beside whom, and how: `make bench`. docs/benchmarks.md holds the figures and the machine."""
