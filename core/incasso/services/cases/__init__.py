"""What carrying out a step means for its cases, and the stage that a step carries out."""
