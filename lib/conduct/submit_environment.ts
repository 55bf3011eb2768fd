/**
 * Where a scheduler's commands are, as the terminal knew it in which a study was made. A tick of cron has loaded no
 * module: it looks here for what its own environment does not have.
 */

import { isTransient, type System } from "../system.ts";

type Environment = Readonly<Record<string, string>>;

/**
 * Variables by which schedulers' commands find their servers, and no other: none of these is ever a secret (Slurm's
 * token, SLURM_JWT, is one). Slurm: sbatch(1). Flux: flux(1). LSF: cshrc.lsf. PBS: pbs.conf(5). Grid Engine: sge_conf(5).
 */
const VARIABLES: readonly string[] = [
  ...["SLURM_CONF", "SLURM_CLUSTERS", "SLURM_CONF_SERVER"],
  ...["FLUX_URI", "FLUX_EXEC_PATH", "FLUX_MODULE_PATH", "FLUX_CONNECTOR_PATH", "FLUX_PMI_LIBRARY_PATH"],
  ...["LSF_ENVDIR", "LSF_BINDIR", "LSF_SERVERDIR", "LSF_LIBDIR"],
  ...["PBS_CONF_FILE", "PBS_EXEC", "PBS_HOME", "PBS_SERVER", "PBS_DEFAULT"],
  ...["SGE_ROOT", "SGE_CELL", "SGE_CLUSTER_NAME", "SGE_QMASTER_PORT", "SGE_EXECD_PORT"],
];

const fileOf = (root: string) => `${root}/.maestro/submit.json`;

/** Writes down, for its owner only, what a later conductor may need. */
export function recordSubmitEnvironment(system: System, root: string): void {
  const kept = Object.fromEntries(
    ["PATH", ...VARIABLES].flatMap((name) =>
      system.env[name] === undefined ? [] : [[name, system.env[name]!]]
    ),
  );
  system.replaceText(fileOf(root), JSON.stringify(kept) + "\n", 0o600);
}

/** What was written down; nothing where that cannot be read, or a study has none. */
export function recordedSubmitEnvironment(system: System, root: string): Environment {
  let text: string | undefined;
  try {
    text = system.readTextIfAny(fileOf(root));
  } catch (error) {
    if (!isTransient(error)) throw error;
  }
  return parse(text ?? "{}");
}

function parse(text: string): Environment {
  try {
    const entries = Object.entries(JSON.parse(text) as Environment);
    return Object.fromEntries(entries.filter(([, value]) => typeof value === "string"));
  } catch {
    return {};
  }
}

/** An environment, and what is recorded behind it: what it says itself counts first. */
export function withRecorded(env: Environment, recorded: Environment): Record<string, string> {
  const folders = [env["PATH"], recorded["PATH"]].flatMap((path) => path?.split(":") ?? []);
  // An empty or relative folder would be another one for each job.
  const known = [...new Set(folders)].filter((folder) => folder.startsWith("/"));
  const variables = Object.entries(recorded).filter(([name]) => VARIABLES.includes(name));
  return { ...Object.fromEntries(variables), ...env, ...(known.length > 0 ? { PATH: known.join(":") } : {}) };
}
