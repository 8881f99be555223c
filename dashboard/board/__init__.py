"""The odds board for readers: matches with prices side by side, surebets, duplo green, calculators."""
