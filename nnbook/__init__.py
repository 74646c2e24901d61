"""The code behind the book *Learning in Neural Networks, Measured*.

What the chapters use, and what a reader needs for work of one's own, is imported from here, as in
``from nnbook import experiment, run``. The stub file beside this one lists these names, and all
others are private: they may change at any time. Importing ``nnbook`` loads nothing of it yet; a
name is loaded, with the module that it comes from, when it is first asked for.
"""

__version__ = "0.1.0"

_found: dict[str, str] = {}


def _places() -> dict[str, str]:
    """Return the module of each public name, from the stub file when first needed."""
    if not _found:
        import ast
        import pkgutil

        stub = ast.parse(pkgutil.get_data(__name__, "__init__.pyi") or b"")
        imports = [statement for statement in stub.body if isinstance(statement, ast.ImportFrom)]
        _found.update((alias.name, str(line.module)) for line in imports for alias in line.names)
    return _found


def __getattr__(name: str) -> object:
    """Load a public name (PEP 562)."""
    if name == "__all__":
        return __dir__()
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name not in _places():
        from nnbook.errors import nearest

        hint = nearest(name, _places())
        raise AttributeError(f"module {__name__!r} has no public name {name!r}, {hint}")
    # With `fromlist`, what is a module itself is imported, too.
    value = getattr(__import__(_places()[name], fromlist=[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_places())
