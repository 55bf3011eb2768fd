"""Runs a parameter generator written for LLNL's Maestro, without Maestro.

maestro starts it as `python3 -c <this text> request.json result.json`. The generator is imported under the name that
Maestro gives it; what it imports of maestrowf is offered here. Its prints go to standard error: the result has a file
of its own. Values become text by Python's str, as they do in Maestro.
"""
import sys

# Python puts the current folder first: a file json.py there is not what is meant below.
sys.path[:] = [folder for folder in sys.path if folder != ""]

import importlib.machinery
import importlib.util
import inspect
import json
import logging
import os
import traceback
import types
from collections import OrderedDict

LOGGER = logging.getLogger("maestrowf")


class Combination(object):
    """One combination: a value, a label and a name for each parameter."""

    def __init__(self, token="$"):
        self._params = OrderedDict()
        self._labels = OrderedDict()
        self._names = OrderedDict()
        self._token = token

    def _tokens(self, key):
        start = "{}({}".format(self._token, key)
        return start + ")", start + ".label)", start + ".name)"

    def add(self, key, name, value, label):
        param_token, label_token, name_token = self._tokens(key)
        self._params[param_token] = value
        self._labels[label_token] = label
        self._names[name_token] = name

    def __str__(self):
        return ".".join(str(label) for label in self._labels.values())

    def get_param_string(self, params):
        return ".".join(str(self._labels[self._tokens(key)[1]]) for key in sorted(params))

    def get_param_values(self, params):
        for key in sorted(params):
            yield key, self._params[self._tokens(key)[0]]

    def apply(self, item):
        for texts in (self._labels, self._params, self._names):
            for token, text in texts.items():
                item = item.replace(token, str(text))
        return item


class ParameterGenerator(object):
    """Parameters by key, each with a list of values; values are combined by position."""

    def __init__(self, token="$", ltoken="%%"):
        self.parameters = OrderedDict()
        self.labels = {}
        self.names = {}
        self.label_token = ltoken
        self.token = token
        self.length = 0

    def add_parameter(self, key, values, label=None, name=None):
        if key in self.parameters:
            LOGGER.warning("'%s' already in parameter set. Overriding.", key)
        self.parameters[key] = values
        if self.length == 0:
            self.length = len(values)
        elif len(values) != self.length:
            raise ValueError(
                "Length of values list must be the same size as the other parameters that exist in the generators. "
                "Length of '{}' is {}. Aborting.".format(name if name else key, len(values))
            )
        self.labels[key] = label if label else "{}.{}".format(key, self.label_token)
        self.names[key] = name if name else key

    def __iter__(self):
        return self.get_combinations()

    def __bool__(self):
        return bool(self.parameters)

    def get_combinations(self):
        for i in range(self.length):
            combination = Combination(self.token)
            for key in self.parameters:
                value = self.parameters[key][i]
                label = self.labels[key]
                if isinstance(label, str):
                    label = label.replace(self.label_token, str(value))
                else:
                    label = label[i]
                combination.add(key, self.names[key], value, label)
            yield combination

    def get_metadata(self):
        return {str(one): {"params": one._params, "labels": one._labels} for one in self}


class Variable(object):
    """A name of the study's environment."""

    def __init__(self, name, value, token="$"):
        self.name = name
        self.value = value
        self.token = token

    def get_var(self):
        return "{}({})".format(self.token, self.name)

    def substitute(self, data):
        return data.replace(self.get_var(), str(self.value))

    def __str__(self):
        return str(self.value)


class _Path(str):
    """SPECROOT: Maestro hands over a Variable; this is the path itself as well."""

    @property
    def value(self):
        return str(self)

    @property
    def name(self):
        return "SPECROOT"


class _TextLike(object):
    """A number that still is what was written: a spec does not tell `5` from `"5"`."""

    def __str__(self):
        return self.text

    def __format__(self, spec):
        return format(self.text, spec) if spec == "" or spec[-1] == "s" else super().__format__(spec)

    def __getattr__(self, name):
        return getattr(self.__dict__.get("text", ""), name)


class _Int(_TextLike, int):
    pass


class _Float(_TextLike, float):
    pass


def _typed(text):
    """The value that YAML's reader would have made of a number."""
    for kind, plain in ((_Int, int), (_Float, float)):
        try:
            if text.strip() == text and "_" not in text and text.lower().lstrip("+-") not in ("inf", "infinity", "nan"):
                number = kind(plain(text))
                number.text = text
                return number
        except ValueError:
            pass
    return text


class StudyEnvironment(object):
    """The names of the spec's `env`, and OUTPUT_PATH and SPECROOT."""

    def __init__(self, texts=()):
        self._variables = OrderedDict((name, Variable(name, _typed(text))) for name, text in dict(texts).items())
        self.substitutions = self._variables

    def find(self, key):
        return self._variables.get(key)

    def __contains__(self, key):
        return key in self._variables

    def __iter__(self):
        return iter(self._variables.values())


OFFERED = OrderedDict(
    (one.__name__, one) for one in (Combination, ParameterGenerator, StudyEnvironment, Variable)
)


def _offer_modules():
    """The import paths under which generators look for these classes."""
    core = "maestrowf.datastructures.core"
    for name in (
        "maestrowf",
        "maestrowf.datastructures",
        core,
        core + ".parameters",
        core + ".studyenvironment",
        "maestrowf.datastructures.environment",
        "maestrowf.datastructures.environment.variable",
    ):
        module = types.ModuleType(name)
        module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
        module.__path__ = []
        vars(module).update(OFFERED)
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    if importlib.util.find_spec("rich") is None:
        _offer_rich()


def _offer_rich():
    """Maestro brings rich along, so its generators print with it."""
    from pprint import pformat, pprint

    rich, pretty = types.ModuleType("rich"), types.ModuleType("rich.pretty")
    rich.__path__ = []
    rich.print = print
    rich.pretty = pretty
    pretty.pprint = lambda thing, **_: pprint(thing)
    pretty.pretty_repr = lambda thing, **_: pformat(thing)
    sys.modules.update({"rich": rich, "rich.pretty": pretty})


class NotAGenerator(Exception):
    pass


def _takes(function, name):
    """Whether it can be given a keyword that Maestro does not give."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters or any(one.kind is one.VAR_KEYWORD for one in parameters.values())


def _run(request):
    """The generator's parameters, each with one text for every combination."""
    _offer_modules()
    path = request["file"]
    sys.path += [os.path.dirname(path), os.getcwd()]
    loader = importlib.machinery.SourceFileLoader("custom_gen", path)
    module = types.ModuleType("custom_gen")
    module.__file__ = path
    module.__loader__ = loader
    module.__spec__ = importlib.util.spec_from_file_location("custom_gen", path, loader=loader)
    sys.modules["custom_gen"] = module
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    make = getattr(module, "get_custom_generator", None)
    if make is None:
        raise NotAGenerator("it does not define get_custom_generator(env, **kwargs)")
    env = StudyEnvironment(request["env"])
    words = dict(request["pargs"])
    words["OUTPUT_PATH"] = request["env"]["OUTPUT_PATH"]
    words["SPECROOT"] = _Path(request["env"]["SPECROOT"])
    if "SPEC" not in words and _takes(make, "SPEC"):
        words["SPEC"] = request["spec"]
    made = make(env, **words)
    if not hasattr(made, "get_combinations"):
        raise NotAGenerator(
            "get_custom_generator must return a ParameterGenerator, not {}".format(type(made).__name__)
        )
    return _table(made)


def _table(made):
    columns = OrderedDict(
        (key, {"key": str(key), "name": str(made.names.get(key, key)), "values": [], "labels": []})
        for key in made.parameters
    )
    for one in made.get_combinations():
        for key, column in columns.items():
            value, label, _ = one._tokens(key)
            column["values"].append(str(one._params[value]))
            column["labels"].append(str(one._labels[label]))
    for key, column in columns.items():
        if not column["values"]:
            raise NotAGenerator("its parameter {} has no values".format(key))
    return {"parameters": list(columns.values())}


def _main():
    # What is printed must not be lost, nor take part in the result.
    os.dup2(2, 1)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    try:
        result = _run(request)
    except NotAGenerator as error:
        result = {"refused": str(error)}
    except SystemExit:
        raise
    except BaseException:
        told = traceback.TracebackException(*sys.exc_info())
        # Lines of this text, and of Python's importing, tell the reader nothing.
        own = [frame for frame in told.stack if not frame.filename.startswith("<")]
        told.stack = traceback.StackSummary.from_list(own)
        sys.stderr.write("".join(told.format()))
        error = sys.exc_info()[1]
        if isinstance(error, ImportError) and (error.name or "").startswith("maestrowf"):
            sys.stderr.write("Of maestrowf, maestro offers to generators: {}.\n".format(", ".join(OFFERED)))
        sys.stderr.flush()
        sys.exit(1)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(result, file)


_main()
