"""The mathematics that the chapters explain, in NumPy and SymPy: networks, losses, derivations."""
