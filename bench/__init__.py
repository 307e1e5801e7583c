"""Speed and memory of the hub as ratios against plain limits, measured in the same run."""
