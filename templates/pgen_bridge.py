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
import re
import subprocess
import time
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
    """A name of the study's environment, and its text."""

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


class PathDependency(Variable):
    """A file or folder that must exist. maestro looks for it itself."""

    def __init__(self, name, value, token="$"):
        super().__init__(name, os.path.abspath(value), token)
        self.path = self.value

    def acquire(self, substitutions=None):
        if not os.path.exists(self.value):
            raise ValueError("The specified path '{}' does not exist.".format(self.name))

    def __str__(self):
        return self.get_var()


class GitDependency(Variable):
    """A repository. maestro clones it when the study is made."""

    def __init__(self, name, value, path, token="$", **kwargs):
        super().__init__(name, os.path.join(path, name), token)
        self.url = value
        self.path = path
        for key in ("hash", "tag", "branch"):
            setattr(self, key, kwargs.get(key) or "")

    def acquire(self, substitutions=None):
        """maestro does that, behind the generator."""

    def __str__(self):
        return self.get_var()


class Script(object):
    """A command that Maestro keeps and does not run."""

    def __init__(self, source):
        self.source = source

    def apply(self, cmds):
        return [self.source] + list(cmds)


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
    """The names of the spec's `env`, and OUTPUT_PATH and SPECROOT. Their texts have no names of `env` left in them."""

    def __init__(self):
        self.substitutions = OrderedDict()
        self.labels = OrderedDict()
        self.sources = []
        self.dependencies = OrderedDict()

    @property
    def is_set_up(self):
        return False

    def _places(self):
        return self.dependencies, self.substitutions, self.labels

    def add(self, item):
        if isinstance(item, Script):
            self.sources.append(item)
            return
        if not isinstance(item, Variable):
            raise TypeError("An environment takes variables, dependencies and scripts, not {}".format(type(item).__name__))
        if item.name in self:
            raise ValueError(
                "A duplicate name '{}' has been detected. All names must be unique. Aborting.".format(item.name)
            )
        if isinstance(item, (PathDependency, GitDependency)):
            place = self.dependencies
        elif self.substitutions and isinstance(item.value, str) and item.token in item.value:
            place = self.labels
        else:
            place = self.substitutions
        place[item.name] = item

    def find(self, key):
        for place in self._places():
            if key in place:
                return place[key]
        return None

    def remove(self, key):
        for place in self._places():
            if key in place:
                return place.pop(key)
        return None

    def acquire_environment(self):
        """maestro does that, behind the generator."""

    def apply_environment(self, item):
        if not item:
            return item
        for place in (self.labels, self.dependencies, self.substitutions):
            for one in place.values():
                item = one.substitute(item)
        return item

    def __contains__(self, key):
        return any(key in place for place in self._places())

    def __iter__(self):
        return (one for place in self._places() for one in place.values())

    def __bool__(self):
        return any(self._places())


def _environment(texts, spec):
    """The environment of a spec whose names have these texts."""
    env = StudyEnvironment()
    section = _mapping(_mapping(spec).get("env"))
    dependencies = _mapping(section.get("dependencies"))
    git = {one.get("name"): one for one in map(_mapping, dependencies.get("git") or [])}
    paths = {one.get("name") for key in ("path", "paths") for one in map(_mapping, dependencies.get(key) or [])}
    labels = _mapping(section.get("labels"))
    for name, text in texts.items():
        if name in git:
            more = {key: git[name].get(key) for key in ("hash", "tag", "branch")}
            one = GitDependency(name, git[name].get("url"), os.path.dirname(text), **more)
            one.value = text
            env.dependencies[name] = one
        elif name in paths:
            env.dependencies[name] = PathDependency(name, text)
        else:
            place = env.labels if name in labels else env.substitutions
            place[name] = Variable(name, _typed(text))
    env.sources = [Script(source) for source in section.get("sources") or []]
    return env


def _mapping(value):
    return value if isinstance(value, dict) else {}


class StudyStep(object):
    """A step, as data."""

    def __init__(self):
        self._name = ""
        self.description = ""
        self.nickname = ""
        keys = "cmd depends pre post restart nodes procs gpus cores_per_task walltime reservation"
        self.run = OrderedDict((key.replace("_", " "), "") for key in keys.split())

    @property
    def name(self):
        return self.nickname or self._name

    @name.setter
    def name(self, value):
        self._name = value

    @property
    def real_name(self):
        return self._name

    def apply_parameters(self, combo):
        step = StudyStep()
        step.__dict__ = apply_function(self.__dict__, combo.apply)
        return step != self, step

    def __eq__(self, other):
        return isinstance(other, StudyStep) and self.__dict__ == other.__dict__

    def __ne__(self, other):
        return not self == other


class Study(object):
    """A study, as data. What expands and runs one is maestro itself."""

    def __init__(self, name, description, studyenv=None, parameters=None, steps=None, out_path="./"):
        self.name = name
        self.description = description
        self.environment = studyenv
        self.parameters = parameters
        self.output_path = out_path
        self.values = OrderedDict((step.real_name, step) for step in steps or [])

    def add_step(self, step):
        self.values[step.real_name] = step

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError("maestro offers no Study.{} to generators: it makes and runs the study itself".format(name))


class ExecutionGraph(object):
    """For generators that import it and do not use it."""

    def __init__(self, *_, **__):
        raise NotImplementedError("maestro offers no ExecutionGraph to generators: it makes and runs the study itself")


class YAMLSpecification(object):
    """A spec, read with PyYAML where that is installed."""

    def __init__(self):
        self.path = ""
        self._sections = {}

    @classmethod
    def load_specification(cls, path):
        with open(path, encoding="utf-8") as file:
            spec = cls.load_specification_from_stream(file)
        spec.path = path
        return spec

    @classmethod
    def load_specification_from_stream(cls, stream):
        import yaml

        spec = cls()
        spec._sections = _mapping(yaml.safe_load(stream))
        return spec

    def _section(self, key):
        return self._sections.get(key) or {}

    name = property(lambda self: self._section("description").get("name", ""))
    description = property(lambda self: self._section("description"))
    environment = property(lambda self: self._section("env"))
    batch = property(lambda self: self._section("batch"))
    study = property(lambda self: self._section("study") or [])
    globals = property(lambda self: self._section("global.parameters"))
    output_path = property(lambda self: _mapping(self.environment.get("variables")).get("OUTPUT_PATH", ""))

    def get_parameters(self):
        parameters = ParameterGenerator()
        for key, value in self.globals.items():
            parameters.add_parameter(key, value["values"], value["label"], value.get("name"))
        return parameters

    def get_study_environment(self):
        env = StudyEnvironment()
        for section in ("variables", "labels"):
            for name, value in (self.environment.get(section) or {}).items():
                env.add(Variable(name, value))
        for source in self.environment.get("sources") or []:
            env.add(Script(source))
        dependencies = self.environment.get("dependencies") or {}
        for one in dependencies.get("paths") or dependencies.get("path") or []:
            env.add(PathDependency(one["name"], one["path"]))
        for one in dependencies.get("git") or []:
            more = {key: one.get(key) for key in ("hash", "tag", "branch")}
            env.add(GitDependency(one["name"], one["url"], one["path"], **more))
        return env

    def get_study_steps(self):
        steps = []
        for one in self.study:
            step = StudyStep()
            step.name = one["name"]
            step.description = one["description"]
            step.run.update(one["run"])
            steps.append(step)
        return steps


def apply_function(item, func):
    """The item with every text in it changed."""
    if not item:
        return item
    if isinstance(item, str):
        return func(item)
    if isinstance(item, list):
        return [apply_function(one, func) for one in item]
    if isinstance(item, dict):
        return type(item)((key, apply_function(one, func)) for key, one in item.items())
    return item


def make_safe_path(base_path, *args):
    """The path of folders whose names have safe characters only."""
    return os.path.join(base_path, *(re.sub("[^-_.() A-Za-z0-9]", "", one).replace(" ", "_") for one in args))


def create_parentdir(path):
    os.makedirs(path, exist_ok=True)


def create_dictionary(list_keyvalues, token=":"):
    pairs = OrderedDict()
    for item in list_keyvalues:
        key, found, value = item.partition(token)
        if not found:
            raise ValueError(
                "'{}' is not capable of being split by the token '{}'. "
                "Verify that all other parameters are formatted properly.".format(item, token)
            )
        pairs[key.strip()] = value.strip()
    return dict(pairs)


def csvtable_to_dict(fstream):
    """A table by columns, from a text without quotes."""
    rows = [line.rstrip("\n").split(",") for line in fstream]
    return OrderedDict((name, [row[i] for row in rows[1:]]) for i, name in enumerate(rows[0]))


def generate_filename(path, append_time=True):
    """A name of a file that does not exist yet."""
    base, end = os.path.splitext(path)
    stem = base + time.strftime("_%Y%m%d-%H%M%S") if append_time else base
    candidate, number = stem + end, 0
    while os.path.exists(candidate):
        number += 1
        candidate = "{}_{}{}".format(stem, number, end)
    return candidate


def get_duration(time_delta):
    minutes, seconds = divmod(int(time_delta.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return "{:d}d:{:02d}h:{:02d}m:{:02d}s".format(days, hours, minutes, seconds)


def start_process(cmd, cwd=None, env=None, shell=True):
    return subprocess.Popen(
        cmd,
        cwd=cwd,
        env=env,
        shell=shell and not isinstance(cmd, list),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )


def update_recursive(base_dict, update_dict):
    for key, value in update_dict.items():
        if isinstance(value, dict) and isinstance(base_dict.get(key), dict):
            update_recursive(base_dict[key], value)
        else:
            base_dict[key] = value
    return base_dict


class LoggerUtility(object):
    """Sets a logger up. What is logged goes to standard error."""

    def __init__(self, logger):
        self._logger = logger

    @staticmethod
    def map_level(log_lvl):
        return {1: logging.DEBUG, 2: logging.INFO, 3: logging.WARNING, 4: logging.ERROR}.get(log_lvl, logging.CRITICAL)

    def configure(self, log_format, log_lvl=2, colors=True):
        self._logger.setLevel(self.map_level(log_lvl))

    def add_stream_handler(self, log_format, log_lvl=2):
        self._add(logging.StreamHandler(), log_format, log_lvl)

    def add_file_handler(self, log_path, log_format, log_lvl=2):
        self._add(logging.FileHandler(log_path), log_format, log_lvl)

    def _add(self, handler, log_format, log_lvl):
        handler.setLevel(self.map_level(log_lvl))
        handler.setFormatter(logging.Formatter(log_format))
        self._logger.addHandler(handler)


def _named(*ones):
    return OrderedDict((one.__name__, one) for one in ones)


OFFERED = _named(
    *(Combination, ParameterGenerator, StudyEnvironment, Study, StudyStep, ExecutionGraph),
    *(Variable, PathDependency, GitDependency, Script, YAMLSpecification)
)

UTILS = _named(
    *(apply_function, create_dictionary, create_parentdir, csvtable_to_dict, generate_filename, get_duration),
    *(make_safe_path, start_process, update_recursive, LoggerUtility)
)

CORE = "maestrowf.datastructures.core"
ENVIRONMENT = "maestrowf.datastructures.environment"


def _offer_modules():
    """The import paths under which generators look for these classes."""
    names = ["maestrowf", "maestrowf.utils", "maestrowf.specification", "maestrowf.specification.yamlspecification"]
    names += ["maestrowf.datastructures", CORE, ENVIRONMENT]
    names += [CORE + "." + name for name in ("parameters", "studyenvironment", "study", "executiongraph")]
    names += [ENVIRONMENT + "." + name for name in ("variable", "pathdependency", "gitdependency", "script")]
    for name in names:
        module = types.ModuleType(name)
        module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
        module.__path__ = []
        vars(module).update(UTILS if name == "maestrowf.utils" else OFFERED)
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    sys.modules["maestrowf"].__version__ = "1.2.1"
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
    env = _environment(request["env"], request["spec"])
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
        (key, {"key": str(key), "name": str(made.names.get(key, key)), "values": [], "labels": [], "texts": []})
        for key in made.parameters
    )
    for one in made.get_combinations():
        for key, column in columns.items():
            value, label, _ = one._tokens(key)
            column["values"].append(str(one._params[value]))
            if isinstance(one._params[value], str):
                column["texts"].append(one._params[value])
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
        # Lines of this text, and of Python's import system, do not help the reader.
        own = [frame for frame in told.stack if not frame.filename.startswith("<")]
        told.stack = traceback.StackSummary.from_list(own)
        sys.stderr.write("".join(told.format()))
        error = sys.exc_info()[1]
        if isinstance(error, ImportError) and (error.name or "").startswith("maestrowf"):
            told = "Of maestrowf, maestro offers to generators: {}; and of maestrowf.utils: {}.\n"
            sys.stderr.write(told.format(", ".join(OFFERED), ", ".join(UTILS)))
        sys.stderr.flush()
        sys.exit(1)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(result, file)


_main()
