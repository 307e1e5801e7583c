"""The parts of dispatch: last look, words, sending, crashes, and what follows."""
