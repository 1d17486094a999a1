"""Reads modules and their docstrings, and writes one Markdown file for each. Used by api-docs."""

import ast
import os
import sys

output, mode = sys.argv[1:3]
SKIPPED = {"test", "tests", "docs", "build", "dist", "node_modules", "venv", "__pycache__"}


def modules():
    for folder, inner, names in os.walk("."):
        inner[:] = sorted(name for name in inner if name not in SKIPPED and not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".py") and not name.startswith("test_") and name not in ("setup.py", "conftest.py"):
                yield os.path.relpath(os.path.join(folder, name))


def public(body):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node for node in body if isinstance(node, kinds) and not node.name.startswith("_")]


def signature(node):
    if isinstance(node, ast.ClassDef):
        return f"class {node.name}"
    return f"def {node.name}({ast.unparse(node.args)})"


def sections(path, nodes, prefix=""):
    for node in nodes:
        text = ast.get_docstring(node) or ""
        name = prefix + node.name
        if not text:
            print(f"{path}:{node.lineno}: {name} has no docstring")
        yield f"## {name}\n\n```python\n{signature(node)}\n```\n\n{text or 'Not documented.'}\n"
        if isinstance(node, ast.ClassDef):
            yield from sections(path, public(node.body), f"{node.name}.")


def write(file, text):
    if mode == "names":
        return
    if os.path.exists(file) and open(file, encoding="utf-8").read() == text:
        return
    if mode == "check":
        print(f"{file}: is not what the source says: run api-docs")
        return
    os.makedirs(output, exist_ok=True)
    with open(file, "w", encoding="utf-8") as target:
        target.write(text)
    print(f"wrote {file}")


for path in modules():
    tree = ast.parse(open(path, encoding="utf-8").read(), path)
    nodes = public(tree.body)
    if not nodes:
        continue
    about = ast.get_docstring(tree)
    text = "\n".join([f"# {path}\n", *([f"{about}\n"] if about else []), *sections(path, nodes)])
    write(os.path.join(output, path[:-3].replace(os.sep, "-") + ".md"), text)
