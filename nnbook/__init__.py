"""The code behind the book *Learning in Neural Networks, Measured*.

Four rooms, arrows in one direction: ``publishing`` uses ``experiments``, which uses ``training``;
``theory`` uses none of them. Importing ``nnbook`` loads none of the rooms.
"""

__version__ = "0.1.0"
