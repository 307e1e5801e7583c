"""The recovery procedure: iters, the facts a decision looks at, the decision itself."""
