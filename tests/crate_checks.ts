/**
 * Requirements (MUST) of RO-Crate 1.1, Workflow RO-Crate 1.0 and the profiles Process, Workflow and
 * Provenance Run Crate 0.5. Also the recommendations (SHOULD) that our crates follow:
 * https://w3id.org/ro/wfrun/provenance/0.5.
 */

export type Json = Record<string, unknown> & { "@id": string; "@type": string | string[] };

export interface CrateUnderTest {
  readonly document: { "@context": unknown; "@graph": Json[] };
  /** Paths of all files and folders (with a slash at their end) from the root. */
  readonly paths: ReadonlySet<string>;
}

export interface Rule {
  readonly demand: string;
  /** Ids of the entities that do not meet it, with what is wrong. */
  readonly broken: (crate: Graph) => string[];
}

const list = (value: unknown): unknown[] => value === undefined ? [] : Array.isArray(value) ? value : [value];
const idOf = (value: unknown) => (value as { "@id"?: string } | null)?.["@id"];
const idsOf = (value: unknown) => list(value).flatMap((item) => idOf(item) ?? []);

/** A crate with its entities by id and type. */
export class Graph {
  readonly entities: readonly Json[];
  readonly byId: ReadonlyMap<string, Json>;
  readonly root: Json;
  readonly workflow: Json;

  constructor(readonly crate: CrateUnderTest) {
    this.entities = crate.document["@graph"];
    this.byId = new Map(this.entities.map((entity) => [entity["@id"], entity]));
    const nothing: Json = { "@id": "(none)", "@type": [] };
    const about = idOf(this.byId.get("ro-crate-metadata.json")?.["about"]);
    this.root = this.byId.get(about ?? "") ?? nothing;
    this.workflow = this.byId.get(idOf(this.root["mainEntity"]) ?? "") ?? nothing;
  }

  is(value: unknown, ...types: string[]): boolean {
    const entity = this.byId.get(typeof value === "string" ? value : idOf(value) ?? "");
    return entity !== undefined && types.some((type) => list(entity["@type"]).includes(type));
  }

  all(...types: string[]): Json[] {
    return this.entities.filter((entity) => this.is(entity, ...types));
  }

  /** Entities of some types that do not pass. */
  failing(types: string[], passes: (entity: Json) => boolean): string[] {
    return this.all(...types).filter((entity) => !passes(entity)).map((entity) => entity["@id"]);
  }

  /** Whether a property refers to something, and to nothing but entities of these types. */
  refers(entity: Json, property: string, ...types: string[]): boolean {
    const values = list(entity[property]);
    return values.length > 0 && values.every((value) => this.is(value, ...types));
  }

  when(holds: boolean, what: string): string[] {
    return holds ? [] : [what];
  }
}

const TOOLS = ["SoftwareApplication", "SoftwareSourceCode", "ComputationalWorkflow"];
const ACTIONS = ["CreateAction", "ControlAction", "OrganizeAction"];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+\d\d:\d\d$/;
/** RFC 3986: a reference, without what would have to be encoded. */
const URI = /^([A-Za-z0-9\-._~:/?#@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const isAbsolute = (id: string) => /^[a-z][a-z0-9+.-]*:/.test(id);

/** Terms in use that RO-Crate's context, or that of the run crates, defines. */
const TERMS =
  `about actionStatus additionalProperty additionalType agent alternateName author conformsTo contentSize
  creator dateCreated datePublished description encodingFormat endTime error exampleOfWork hasPart identifier input
  instrument license mainEntity mentions name object output position programmingLanguage result softwareVersion
  startTime step url value version workExample`.split(/\s+/);

const structure: readonly Rule[] = [
  {
    demand: "the document is @context and @graph, and names the contexts of its terms",
    broken: ({ crate: { document }, when }) => [
      ...when(Object.keys(document).sort().join() === "@context,@graph", "keys"),
      ...when(
        JSON.stringify(document["@context"]) === JSON.stringify([
          "https://w3id.org/ro/crate/1.1/context",
          "https://w3id.org/ro/terms/workflow-run/context",
        ]),
        "@context",
      ),
    ],
  },
  {
    demand: "every entity has one @id of its own, a URI reference, and a @type",
    broken: (graph) => [
      ...graph.entities.filter((entity) => !URI.test(entity["@id"]) || list(entity["@type"]).length === 0)
        .map((entity) => entity["@id"]),
      ...graph.when(graph.byId.size === graph.entities.length, "an @id twice"),
    ],
  },
  {
    demand: "it is flat: values are texts and references, and every reference leads somewhere",
    broken: (graph) =>
      graph.entities.flatMap((entity) =>
        Object.entries(entity).flatMap(([property, value]) =>
          list(value).filter((item) =>
            typeof item !== "string" &&
            !(Object.keys(item as object).join() === "@id" && (graph.byId.has(idOf(item)!) ||
              (property === "conformsTo" && idOf(item)!.startsWith("https://w3id.org/ro/crate/"))))
          ).map((item) => `${entity["@id"]} ${property}: ${JSON.stringify(item)}`)
        )
      ),
  },
  {
    demand: "it is compact: every property is a term of the contexts",
    broken: (graph) =>
      graph.entities.flatMap((entity) =>
        Object.keys(entity).filter((key) => !key.startsWith("@") && !TERMS.includes(key))
      ),
  },
  {
    demand: "every file and folder that it tells of is there, a folder with a slash at the end of its id",
    broken: (graph) =>
      graph.failing(
        ["File", "Dataset"],
        (entity) =>
          entity === graph.root || isAbsolute(entity["@id"]) ||
          (graph.crate.paths.has(decodeURIComponent(entity["@id"])) &&
            graph.is(entity, "Dataset") === entity["@id"].endsWith("/")),
      ),
  },
];

const roCrate: readonly Rule[] = [
  {
    demand:
      "the descriptor is a CreativeWork, about the root, and conforms to RO-Crate 1.1 and Workflow RO-Crate",
    broken: (graph) => {
      const descriptor = graph.byId.get("ro-crate-metadata.json");
      const conforms = idsOf(descriptor?.["conformsTo"]);
      return graph.when(
        graph.is(descriptor, "CreativeWork") && idOf(descriptor!["about"]) === "./" &&
          conforms.includes("https://w3id.org/ro/crate/1.1") &&
          conforms.includes("https://w3id.org/workflowhub/workflow-ro-crate/1.0"),
        "ro-crate-metadata.json",
      );
    },
  },
  {
    demand:
      "the root is the Dataset ./ with name, description, datePublished and a license that is described",
    broken: (graph) => {
      const { root } = graph;
      const license = graph.byId.get(idOf(root["license"]) ?? "");
      return graph.when(
        root["@id"] === "./" && graph.is(root, "Dataset") && Boolean(root["name"]) &&
          Boolean(root["description"]) &&
          TIME.test(String(root["datePublished"])) && Boolean(license?.["name"] && license["description"]),
        "./",
      );
    },
  },
  {
    demand: "every file and folder is a part of the root, or of a folder that is",
    broken: (graph) => {
      const parts = new Set(["./"]);
      for (const part of parts) {
        const entity = graph.byId.get(part);
        if (entity && graph.is(entity, "Dataset")) {
          for (const id of idsOf(entity["hasPart"])) parts.add(id);
        }
      }
      return graph.failing(["File", "Dataset"], (entity) => parts.has(entity["@id"]));
    },
  },
  {
    demand: "README.md is about the crate, in Markdown",
    broken: (graph) => {
      const readme = graph.byId.get("README.md");
      return graph.when(
        idOf(readme?.["about"]) === "./" && readme!["encodingFormat"] === "text/markdown",
        "README.md",
      );
    },
  },
];

const workflow: readonly Rule[] = [
  {
    demand: "the root conforms to all profiles, each of them described by a CreativeWork",
    broken: (graph) =>
      [
        "https://w3id.org/ro/wfrun/process/0.5",
        "https://w3id.org/ro/wfrun/workflow/0.5",
        "https://w3id.org/ro/wfrun/provenance/0.5",
        "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
      ].filter((id) => !idsOf(graph.root["conformsTo"]).includes(id) || !graph.is(id, "CreativeWork")),
  },
  {
    demand: "the main entity is a file with source code of a workflow, in a language that is named",
    broken: (graph) =>
      graph.when(
        ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"].every((type) =>
          graph.is(graph.workflow, type)
        ) && graph.refers(graph.workflow, "programmingLanguage", "ComputerLanguage"),
        graph.workflow["@id"],
      ),
  },
  {
    demand: "there is an action that ran the workflow, and the root mentions every action that ran something",
    broken: (graph) => [
      ...graph.when(
        graph.all("CreateAction").some((action) => idOf(action["instrument"]) === graph.workflow["@id"]),
        "no run of the workflow",
      ),
      ...graph.failing(["CreateAction"], ({ "@id": id }) => idsOf(graph.root["mentions"]).includes(id)),
    ],
  },
  {
    demand: "a FormalParameter has a name and a type, and is an input or output of the workflow",
    broken: (graph) => {
      const slots = [...idsOf(graph.workflow["input"]), ...idsOf(graph.workflow["output"])];
      return graph.failing(
        ["FormalParameter"],
        (entity) =>
          Boolean(entity["name"]) &&
          ["Integer", "Number", "Text"].includes(String(entity["additionalType"])) &&
          slots.includes(entity["@id"]),
      );
    },
  },
  {
    demand:
      "what a run was given and gave is a file, a folder or a value; a value is an example of a parameter",
    broken: (graph) =>
      graph.all("CreateAction").flatMap((action) =>
        ["object", "result"].flatMap((property) =>
          idsOf(action[property]).filter((id) =>
            !graph.is(id, "File", "Dataset") &&
            !(graph.is(id, "PropertyValue") &&
              graph.refers(graph.byId.get(id)!, "exampleOfWork", "FormalParameter"))
          )
        )
      ),
  },
];

const runs: readonly Rule[] = [
  {
    demand: "a run has a tool as its instrument, a Person as its agent, a name and a description",
    broken: (graph) =>
      graph.failing(
        ["CreateAction"],
        (action) =>
          graph.refers(action, "instrument", ...TOOLS) && graph.refers(action, "agent", "Person") &&
          Boolean(action["name"] && action["description"]),
      ),
  },
  {
    demand: "times are ISO 8601, and a run that is completed has both",
    broken: (graph) =>
      graph.failing(
        ["CreateAction", "OrganizeAction"],
        (action) =>
          ["startTime", "endTime"].every((key) =>
            action[key] === undefined
              ? !String(action["actionStatus"]).includes("Completed")
              : TIME.test(String(action[key]))
          ),
      ),
  },
  {
    demand: "an action has a status of schema.org, and an error only where it failed",
    broken: (graph) =>
      graph.failing(
        ACTIONS,
        (action) =>
          /^http:\/\/schema\.org\/(Completed|Failed|Active)ActionStatus$/.test(
            String(action["actionStatus"]),
          ) &&
          (action["error"] === undefined || String(action["actionStatus"]).includes("Failed")),
      ),
  },
  {
    demand: "the workflow has tools as its parts, and steps",
    broken: (graph) =>
      graph.when(
        graph.refers(graph.workflow, "hasPart", ...TOOLS) &&
          graph.refers(graph.workflow, "step", "HowToStep"),
        graph.workflow["@id"],
      ),
  },
  {
    demand:
      "a step is the workflow's, names the tool that carries it out, and has a whole number as its position",
    broken: (graph) =>
      graph.failing(
        ["HowToStep"],
        (step) =>
          idsOf(graph.workflow["step"]).includes(step["@id"]) &&
          graph.refers(step, "workExample", ...TOOLS) &&
          idsOf(graph.workflow["hasPart"]).includes(idOf(step["workExample"])!) &&
          /^\d+$/.test(String(step["position"])),
      ),
  },
  {
    demand: "a ControlAction has a step as its instrument, and runs of that step's tool as its objects",
    broken: (graph) =>
      graph.failing(["ControlAction"], (action) => {
        const tool = idOf(graph.byId.get(idOf(action["instrument"]) ?? "")?.["workExample"]);
        return graph.refers(action, "instrument", "HowToStep") &&
          graph.refers(action, "object", "CreateAction") &&
          idsOf(action["object"]).every((id) => idOf(graph.byId.get(id)!["instrument"]) === tool);
      }),
  },
  {
    demand: "every run of a tool is the object of a ControlAction",
    broken: (graph) => {
      const objects = graph.all("ControlAction").flatMap((action) => idsOf(action["object"]));
      return graph.failing(
        ["CreateAction"],
        (action) => idOf(action["instrument"]) === graph.workflow["@id"] || objects.includes(action["@id"]),
      );
    },
  },
  {
    demand: "an OrganizeAction has the engine, the ControlActions, and the run of the workflow",
    broken: (graph) =>
      graph.failing(
        ["OrganizeAction"],
        (action) =>
          graph.refers(action, "instrument", "SoftwareApplication") &&
          graph.refers(action, "object", "ControlAction") &&
          idsOf(action["result"]).length === 1 && graph.is(action["result"], "CreateAction") &&
          idOf(graph.byId.get(idOf(action["result"])!)!["instrument"]) === graph.workflow["@id"],
      ),
  },
];

export const RULES: readonly Rule[] = [...structure, ...roCrate, ...workflow, ...runs];

/** All demands that a crate does not meet. */
export function brokenRules(crate: CrateUnderTest): string[] {
  const graph = new Graph(crate);
  return RULES.flatMap(({ demand, broken }) => broken(graph).map((what) => `${demand}: ${what}`));
}
