"""The book as one site: what its pages say of themselves, and the pages around the chapters."""
