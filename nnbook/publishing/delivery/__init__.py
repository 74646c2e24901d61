"""How pages reach the reader: one stylesheet, one script, icons in the page, images with a size."""
