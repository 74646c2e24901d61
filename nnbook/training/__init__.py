"""The training room: train one network with Keras.

`spec` says what a run is, `datasets` gives its data, `models` builds its network and `engine`
trains it. Only the last two need Keras, and they are imported where they are used, so that reading
recorded results does not load it.
"""

import os

# TensorFlow reads these when it is first imported and otherwise writes notices to stderr.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
