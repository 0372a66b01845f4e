"""What Harmony carries, measured: `make bench`. See docs/performance.md."""
