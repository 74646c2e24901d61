"""Search in the book, as one types: an index of sections that a script of the page looks into."""
