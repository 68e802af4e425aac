"""Performance, side by side with named alternatives measured in the same run."""
