/** A workspace with people in it, on a deployment: where most stories begin. */
import { Api, type Person } from "./api.js";
import { Deployment, type Shape } from "./deployment.js";

export const OWNER: Person = person("Olive Owner");

/** A made-up person of the team. */
export function person(name: string): Person {
  const email = `${name.toLowerCase().replaceAll(/[^a-z]+/g, ".")}@lamps.example`;
  return { name, email, password: `correct horse ${name}` };
}

/** Settings of a hub that never says "too often": for what sends more in a minute than any person does. */
export const UNLIMITED: Record<string, string> = Object.fromEntries(
  [
    "SIGN_IN_PER_ADDRESS",
    "SIGN_IN_PER_ACCOUNT",
    "VISITOR_SESSIONS_PER_ADDRESS",
    "VISITOR_REQUESTS_PER_ADDRESS",
    "UPLOADS_PER_PERSON",
    "VISITOR_UPLOADS_PER_ADDRESS",
    "VISITOR_MESSAGES",
    "AGENT_COMMANDS",
    "CONVERSATIONS_PER_ADDRESS",
    "REQUESTS_PER_CALLER",
  ].map((limit) => [`SWITCHBOARD_LIMITS__${limit}`, "off"]),
);

export interface Workspace {
  deployment: Deployment;
  owner: Api;
}

/** A deployment whose first person has become owner over the API. */
export async function open(shape: Shape, settings: Record<string, string> = {}): Promise<Workspace> {
  const deployment = await Deployment.start(shape, settings);
  try {
    return { deployment, owner: await Api.setUp(deployment.url, deployment.setUpLink(), OWNER) };
  } catch (error) {
    await deployment.stop();
    throw error;
  }
}
