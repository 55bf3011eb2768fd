"""Runs the original Maestro inside one long-lived process: a request is a line of JSON, and so is its answer.

    {"id": 1, "run": ["run", "--dry", ...], "cwd": DIR, "rules": ["scalars", ...], "offline": false}
    {"id": 2, "yaml": [PATH, ...]}

`rules` are deviations that this process applies to the original itself (`rules.ts` names and explains them). The answer
lists those that changed something in `fired`.
"""

import contextlib
import io
import json
import logging
import os
import re
import sys
import types

# Answers go to the real standard output. What the original prints is captured.
ANSWERS = os.fdopen(os.dup(1), "w")
REQUESTS = sys.stdin
os.dup2(2, 1)


class FakeFlux:
    """The original connects to Flux before it writes a script. It asks for the version and the queues only."""

    def attr_get(self, name):
        return {"version": "0.49.0"}[name]

    def rpc(self, topic, *_):
        answers = {"config.get": {"queues": {"pbatch": {}, "pdebug": {}}}}
        return types.SimpleNamespace(get=lambda: answers[topic])


sys.modules["flux"] = types.SimpleNamespace(Flux=FakeFlux)
logging.disable(logging.CRITICAL)

import yaml  # noqa: E402
import maestrowf.conductor as conductor  # noqa: E402
import maestrowf.datastructures.core.executiongraph as executiongraph  # noqa: E402
import maestrowf.datastructures.core.study as study_module  # noqa: E402
import maestrowf.datastructures.core.studyenvironment as environment  # noqa: E402
import maestrowf.datastructures.environment as dependencies  # noqa: E402
import maestrowf.abstracts.interfaces.schedulerscriptadapter as scheduler  # noqa: E402
import maestrowf.maestro as maestro  # noqa: E402
import maestrowf.specification.yamlspecification as specification  # noqa: E402
import maestrowf.utils as utils  # noqa: E402
from maestrowf.interfaces import ScriptAdapterFactory  # noqa: E402

logging.disable(logging.CRITICAL)


def adapter_module(key):
    """The module object whose class the original's factory holds: it loads each a second time."""
    return sys.modules[ScriptAdapterFactory.factories[key].__module__]


local, slurm, lsf, fluxadapter = (adapter_module(key) for key in ("local", "slurm", "lsf", "flux"))
RULES = set()
FIRED = {}
OFFLINE = [False]
SEEN = {}
DIED = {}


def fire(rule):
    FIRED[rule] = FIRED.get(rule, 0) + 1


# --- A dry run without its pauses, that goes on with the other nodes where the script of one cannot be written. ---

conductor.sleep = lambda _: None
executiongraph.sleep = lambda _: None
write_scripts = executiongraph._StepRecord.generate_script


def generate_script(self, adapter, tmp_dir=""):
    try:
        write_scripts(self, adapter, tmp_dir)
    except Exception as error:
        DIED[self.name] = f"{type(error).__name__}: {error}"


executiongraph._StepRecord.generate_script = generate_script
initialize = conductor.Conductor.initialize


def keep_graph(self, batch, sleeptime=60):
    SEEN["study"] = self._study
    initialize(self, batch, sleeptime)
    SEEN["graph"] = self._exec_dag
    SEEN["parents"] = {name: sorted(parents - {"_source"}) for name, parents in self._exec_dag._dependencies.items()}


conductor.Conductor.initialize = keep_graph

for kind in (dependencies.GitDependency, dependencies.PathDependency):
    def acquire(self, substitutions=None, inner=kind.acquire):
        if not OFFLINE[0]:
            inner(self, substitutions=substitutions)

    kind.acquire = acquire


# --- Rules ---

KEPT_TAGS = ("bool", "int", "float", "timestamp")
SEXAGESIMAL = re.compile(r"^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$")
OCTAL = re.compile(r"^[-+]?0[0-7_]+$")
SWITCH = re.compile(r"^(yes|no|on|off)$", re.IGNORECASE)


class AsWritten(yaml.FullLoader):
    """Reads scalars as they are written where YAML 1.1 reads something else."""

    def resolve(self, kind, value, implicit):
        tag = super().resolve(kind, value, implicit)
        if kind is not yaml.ScalarNode or not implicit[0]:
            return tag
        if tag.rsplit(":", 1)[1] not in KEPT_TAGS:
            return tag
        odd = SEXAGESIMAL.match(value) or OCTAL.match(value) or SWITCH.match(value)
        if odd or tag.endswith(":timestamp"):
            fire("scalars")
            return "tag:yaml.org,2002:str"
        return tag


plain_loader = yaml.FullLoader


def booleans(value):
    """Keys that are true or false take yes and no as well."""
    if isinstance(value, dict):
        return {key: booleans(item) for key, item in value.items()}
    words = {"yes": True, "on": True, "no": False, "off": False}
    return words.get(value.lower(), value) if isinstance(value, str) else value


def read_spec(loader):
    def load(stream, _):
        spec = yaml.load(stream, loader)
        for step in (spec.get("study") or []) if isinstance(spec, dict) else []:
            run = step.get("run") if isinstance(step, dict) else None
            for key in ("exclusive", "nested", "waitable") if isinstance(run, dict) else ():
                if key in run:
                    run[key] = booleans(run[key])
        return spec
    return load


apply_environment = environment.StudyEnvironment.apply_environment


def whole_texts(study_environment):
    """What each name of the environment stands for, with all other names in it replaced."""
    known = [*study_environment.labels.values(), *study_environment.dependencies.values(),
             *study_environment.substitutions.values()]
    own = {item.name: item.substitute(f"$({item.name})") for item in known}
    pattern = re.compile("|".join(re.escape(f"$({name})") for name in sorted(own, key=len, reverse=True)) or "(?!)")

    def whole(text, within):
        # A name that refers to itself means the parameter of that name.
        return pattern.sub(lambda found: found.group() if found.group()[2:-1] in within
                           else whole(own[found.group()[2:-1]], within | {found.group()[2:-1]}), text)

    return lambda text: whole(text, frozenset())


def apply_in_any_order(self, item):
    theirs = apply_environment(self, item)
    if "order" not in RULES or not isinstance(item, str):
        return theirs
    ours = whole_texts(self)(item)
    if ours != theirs:
        fire("order")
    return ours


environment.StudyEnvironment.apply_environment = apply_in_any_order


find_all = re.findall


def find_workspaces(pattern, text, *rest):
    """Finds `$(NAME.workspace)` of the study's own steps, whatever stands beside the token."""
    theirs = find_all(pattern, text, *rest)
    if "workspaces" not in RULES or pattern is not study_module.WSREGEX:
        return theirs
    names = [name for name in SEEN["building"].values if name != "_source"]
    ours = [name for name in names if f"$({name}.workspace)" in text]
    if set(ours) != set(theirs):
        fire("workspaces")
    return ours


# A launcher remains unchanged: alone, or with a size of letters, digits, commas and blanks.
LAUNCHER = re.compile(r"\$\(LAUNCHER\)(?:\[([\w, \t]*)\])?")
substitute_launchers = scheduler.SchedulerScriptAdapter._substitute_parallel_command


def size_of(text, nodes, procs):
    """Nodes and procs of a size in brackets; None for what is none."""
    by_place = re.fullmatch(r"\s*(\d+)\s*,\s*(\d+)\s*", text)
    if by_place:
        found = by_place.groups()
    else:
        counts = re.findall(r"(\d+)\s*([np])", text)
        if not counts or re.sub(r"(\d+)\s*([np])|[\s,]", "", text) or len({unit for _, unit in counts}) < len(counts):
            return None
        units = {unit: number for number, unit in counts}
        found = units.get("n"), units.get("p")
    for asked, given in zip(found, (nodes, procs)):
        if asked is not None and (int(asked) < 1 or given and int(asked) > int(given)):
            return None
    return found


def each_launcher(self, step_cmd, **kwargs):
    try:
        theirs = substitute_launchers(self, step_cmd, **kwargs)
    except Exception as error:
        theirs = error
    if "launchers" in RULES:
        nodes, procs = kwargs["nodes"], kwargs["procs"]
        more = {key: value for key, value in kwargs.items() if key not in ("nodes", "procs")}

        def launch(match):
            size = (nodes, procs) if match.group(1) is None else size_of(match.group(1), nodes, procs)
            if size is None:
                raise ValueError(f"{match.group()} is no size")
            return self.get_parallelize_command(size[1] or "", size[0] or "", **more)

        ours = LAUNCHER.sub(launch, step_cmd)
        if ours != theirs:
            fire("launchers")
        return ours
    if isinstance(theirs, Exception):
        raise theirs
    return theirs


scheduler.SchedulerScriptAdapter._substitute_parallel_command = each_launcher
LSF = ScriptAdapterFactory.factories["lsf"]
launch_lsf = LSF.get_parallelize_command
header_lsf = LSF.get_header


def launch_any_size(self, procs, nodes=None, **kwargs):
    if "lsf sizes" in RULES and not (nodes and procs):
        fire("lsf sizes")
        procs = procs or int(nodes or 0) * int(kwargs.get("rs per node", 1))
        nodes = nodes or 1
    return launch_lsf(self, procs, nodes, **kwargs)


def header_of_minutes(self, step):
    if "lsf sizes" in RULES and isinstance(step.run.get("walltime"), int):
        fire("lsf sizes")
        step.run["walltime"] = str(step.run["walltime"])
    return header_lsf(self, step)


LSF.get_parallelize_command = launch_any_size
LSF.get_header = header_of_minutes


def join_safely(folder, *names):
    """The file of a restart script has a safe name, like the file of the script."""
    path = os.path.join(folder, *names)
    if "restart files" not in RULES or len(names) != 1 or ".restart." not in names[0]:
        return path
    safe = utils.make_safe_path(folder, names[0])
    if safe != path:
        fire("restart files")
    return safe


for adapter in (local, lsf, slurm, fluxadapter):
    paths = types.SimpleNamespace(**{**vars(os.path), "join": join_safely})
    adapter.os = types.SimpleNamespace(**{**vars(os), "path": paths})

study_module.re = types.SimpleNamespace(**{**vars(re), "findall": find_workspaces})
stage = study_module.Study.stage


def keep_study(self):
    SEEN["building"] = self
    return stage(self)


study_module.Study.stage = keep_study


load_specification = specification.YAMLSpecification.load_specification


def keep_error(path):
    try:
        return load_specification(path)
    except maestro.jsonschema.ValidationError as error:
        SEEN["invalid"] = error.message
        raise


maestro.YAMLSpecification = types.SimpleNamespace(load_specification=keep_error)


# --- Answers ---

def text_of(value):
    return value if isinstance(value, str) else str(value)


def node_of(name, record):
    return {
        "name": name,
        "workspace": record.workspace.value,
        "parents": SEEN["parents"].get(name, []),
        "params": sorted([text_of(key), text_of(value)] for key, value in record.params.items()),
        "scheduled": record.to_be_scheduled,
        "script": record.script or None,
        "restart": record.restart_script or None,
        "rlimit": record.restart_limit,
        "died": DIED.get(name),
    }


def answer_run(request):
    words, folder = request["run"], request["cwd"]
    RULES.clear()
    RULES.update(request.get("rules", []))
    OFFLINE[0] = request.get("offline", False)
    for seen in (FIRED, SEEN, DIED):
        seen.clear()
    specification.yaml = types.SimpleNamespace(
        load=read_spec(AsWritten) if "scalars" in RULES else yaml.load, FullLoader=plain_loader)
    os.chdir(folder)
    printed, error, code = io.StringIO(), None, 0
    sys.stdin = io.StringIO(request.get("stdin", ""))
    try:
        with contextlib.redirect_stdout(printed):
            arguments = maestro.setup_argparser().parse_args(words)
            code = arguments.func(arguments)
    except SystemExit as end:
        code = end.code
        if SEEN.get("invalid"):
            error = {"type": "ValidationError", "message": SEEN["invalid"]}
    except BaseException as problem:
        code, error = 1, {"type": type(problem).__name__, "message": str(problem)}
    finally:
        for handler in list(maestro.LOGGER.handlers):
            maestro.LOGGER.removeHandler(handler)
            handler.close()
    graph = SEEN.get("graph")
    nodes = [node_of(name, record) for name, record in graph.values.items() if name != "_source"] \
        if graph else []
    return {"code": code, "error": error, "stdout": printed.getvalue(), "nodes": nodes, "fired": FIRED,
            "order": list(graph.status_subtree) if graph else []}


def plain(value):
    """What a file says, in JSON that keeps what differs: sets, and types of scalars."""
    if isinstance(value, dict):
        return {"map": sorted(([plain(key), plain(item)] for key, item in value.items()), key=json.dumps)}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted((plain(item) for item in value), key=json.dumps)}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return {type(value).__name__: str(value)}


def read_yaml(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        return {"value": plain(yaml.safe_load(text)), "safe": True}
    except yaml.YAMLError:
        pass
    try:
        return {"value": plain(yaml.unsafe_load(text)), "safe": False}
    except yaml.YAMLError as error:
        return {"value": f"cannot be read: {error}", "safe": False}


def answer(request):
    if "run" in request:
        return answer_run(request)
    return {"yaml": [read_yaml(path) for path in request["yaml"]]}


for line in REQUESTS:
    asked = json.loads(line)
    try:
        reply = answer(asked)
    except Exception as problem:
        reply = {"broken": f"{type(problem).__name__}: {problem}"}
    ANSWERS.write(json.dumps({"id": asked["id"], **reply}) + "\n")
    ANSWERS.flush()
