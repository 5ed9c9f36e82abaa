"""The import rule of docs/architecture.md, and that nothing heavy is loaded before it is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "triage"
STAGES = ("read", "parse", "clean", "classify", "extract", "decide", "draft", "write")
# Lower floors first: a module may import only from floors under its own, or from its own package.
FLOORS = (
    {"types", "errors", "text"},
    {"patterns"},
    {"profile"},
    set(STAGES) | {"journal"},
    {"pipeline"},
    {"batch", "corpus"},
    {"quality", "learn"},
    {"cli"},
    {"__main__"},
)
# Heavy libraries and the only places that may import them, inside functions except where noted.
OWNERS = {
    "spacy": {"classify"},
    "sklearn": {"classify"},
    "jinja2": {"draft"},
    "sqlalchemy": {"journal"},
    "holidays": {"decide"},
    "phonenumbers": {"extract"},
    "stdnum": {"extract"},
    "matplotlib": {"classify"},
    "lxml": {"parse"},
    "re2": {"patterns"},
    "rich": {"cli"},
    "click": {"cli"},
    "oxmsg": {"read"},
    "olefile": {"read"},
    "imapclient": {"read"},
    "compressed_rtf": {"read"},
}
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[tuple[str, bool]]:
    """(module, whether imported at the top of the file) of every import statement outside TYPE_CHECKING."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {
        id(n)
        for i in ast.walk(tree)
        if isinstance(i, ast.If) and ast.unparse(i.test) == "TYPE_CHECKING"
        for n in ast.walk(i)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        top = node in tree.body
        if isinstance(node, ast.Import):
            found += [(alias.name, top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.module, top))
    return found


def floor(name: str) -> int:
    return next(i for i, names in enumerate(FLOORS) if name in names)


@pytest.mark.parametrize("path", [f for f in FILES if f.parent != PACKAGE or f.stem not in ("__init__",)], ids=str)
def test_imports_go_down_only(path):
    own = room(path)
    for module, _ in imports(path):
        if module.startswith("triage."):
            other = module.split(".")[1]
            assert other == own or floor(other) < floor(own), f"{path.name} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_libraries_are_imported_only_by_their_owner(path):
    for module, _ in imports(path):
        library = module.split(".")[0]
        assert room(path) in OWNERS.get(library, {room(path)}), f"{path.name} imports {module}"


@pytest.mark.parametrize(
    "library", ["spacy", "sklearn", "jinja2", "matplotlib", "holidays", "phonenumbers", "stdnum", "rich"]
)
def test_heavy_libraries_are_imported_inside_functions(library):
    for path in FILES:
        assert (library, True) not in [(module.split(".")[0], top) for module, top in imports(path)], path


def test_every_stage_says_what_goes_in_and_out():
    for stage in STAGES:
        tree = ast.parse((PACKAGE / stage / "__init__.py").read_text("utf-8"))
        assert "->" in (ast.get_docstring(tree) or ""), stage


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["apply", "--help"]])
def test_help_loads_nothing_heavy(args):
    heavy = "{'spacy', 'sklearn', 'scipy', 'numpy', 'pydantic', 'sqlalchemy', 'jinja2', 'lxml', 'matplotlib', 'rich'}"
    code = (
        "import sys\n"
        "from triage.cli.main import _run\n"
        f"assert _run({args!r}) == 0\n"
        f"print(sorted({heavy} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_applying_a_model_imports_neither_scikit_learn_nor_spacy(small_model):
    code = (
        "import sys, pathlib\n"
        "from triage.classify import load_model\n"
        f"model = load_model(pathlib.Path({str(small_model)!r}))\n"
        "model.predict(['Lampadaire\\nLe lampadaire devant chez moi est éteint.'])\n"
        "assert not {'sklearn', 'spacy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
