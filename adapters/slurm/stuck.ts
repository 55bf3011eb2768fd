/** Reasons of Slurm for a job that will not begin until someone changes something, in plain words. */

/** https://slurm.schedmd.com/job_reason_codes.html: limits that one job by itself is beyond, and holds. */
export const SLURM_STUCK: Readonly<Record<string, string>> = {
  AccountNotAllowed: "its account may not use its partition",
  BadConstraints: "no node can ever have what it asks for",
  DependencyNeverSatisfied: "the job that it depends on did not end as it must",
  InvalidAccount: "its account is not valid",
  InvalidQOS: "its QOS is not valid",
  JobHeldAdmin: "an administrator holds it",
  JobHeldUser: "it is held until `scontrol release`",
  JobHoldMaxRequeue: "it is held, for it was requeued too often",
  MaxMemPerLimit: "it asks for more memory than one job may have",
  PartitionConfig: "its partition cannot give what it asks for",
  PartitionNodeLimit: "it asks for more or fewer nodes than its partition gives to a job",
  PartitionTimeLimit: "it asks for more time than its partition gives",
  QOSNotAllowed: "its QOS may not be used with its partition or account",
  ReservationDeleted: "its reservation is gone",
  "job requeued in held state": "it is held until `scontrol release`",
  "launch failed requeued held": "it could not be launched, and is held until `scontrol release`",
};

/** Those of an account or a QOS, of which there are dozens: QOSMaxWallDurationPerJobLimit, AssocMaxCpuPerJobLimit. */
const SLURM_LIMIT = /^(?:Assoc|QOS)(?:Max\w+Per(?:Job|Node)(?:Limit)?|Min\w+)$/;

/** A reason of squeue's, with what it means; undefined for one that passes. */
export function slurmStuck(reason: string | undefined): string | undefined {
  if (reason === undefined) return undefined;
  if (Object.hasOwn(SLURM_STUCK, reason)) return `${reason}, ${SLURM_STUCK[reason]}`;
  return SLURM_LIMIT.test(reason)
    ? `${reason}, it asks for more or less than one job of its account or QOS may`
    : undefined;
}
