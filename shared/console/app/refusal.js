// Refusal is a response of the service that is not a success, or none at all: then its status is 0.
export class Refusal extends Error {
  // of reads a response.
  static async of(answer) {
    const body = await answer.json().catch(() => null);
    return new Refusal(answer.status, body?.errors ?? [], answer.headers.get("Retry-After"));
  }

  constructor(status, faults = [], retryAfter = null) {
    super(faults[0]?.message ?? "");
    this.status = status;
    this.faults = faults;
    this.scope = status === 403 ? faults[0]?.metadata?.scope : undefined;
    this.reason = faults[0]?.metadata?.reason;
    this.busy = status === 429 || status === 503;
    this.wait = seconds(retryAfter);
  }

  // concerns says whether a part of the request is at fault, like "akua-context".
  concerns(part) {
    return this.faults.some((fault) => fault.path?.[1] === part);
  }

  // mayHelp says whether the same once more may succeed.
  get mayHelp() {
    return this.status === 0 || this.busy || this.status >= 500;
  }
}

// seconds reads Retry-After, which is a number of seconds or a date. Without it, it is two seconds.
function seconds(retryAfter) {
  const number = Number(retryAfter ?? 2);
  const until = Number.isNaN(number) ? (Date.parse(retryAfter) - Date.now()) / 1000 : number;
  return Math.max(1, Math.ceil(until || 0));
}

const safe = "Trying again does nothing twice.";

// explain says in words what happened, and what to do.
export function explain(error) {
  if (!(error instanceof Refusal)) {
    return error.message;
  }
  switch (error.status) {
    case 0:
      return `The service cannot be reached. Check your connection, then try again. ${safe}`;
    case 400:
      return `The service does not take this: ${error.faults.map(inWords).join("; ") || "it does not say why"}.`;
    case 401:
      return "The service does not know this token, or not any more. Give it a token that is valid.";
    case 403:
      return forbidden(error);
    case 404:
      return "It is gone for good, or was never there. Nothing can be done about it here.";
    case 409:
      return error.reason === "ABORTED"
        ? "It was changed by somebody else meanwhile. What you see is fresh again: look, and decide anew."
        : `This is not possible as things are: ${error.message}. What you see is fresh again.`;
    case 410:
      return "This version is destroyed. Its value cannot be read any more; use another version.";
    case 413:
      return "This is too large. A value has at most 64 KiB.";
    case 429:
    case 503:
      return error.wait > 120
        ? `The service is busy, and asks to wait ${Math.ceil(error.wait / 60)} minutes. Try again then. ${safe}`
        : `The service is still busy. Wait a minute, then try again. ${safe}`;
    default:
      return `The service failed (${error.status}). Try again; if it fails again, its log has the cause.`;
  }
}

function forbidden(error) {
  if (error.scope) {
    return `This token lacks the scope ${error.scope}. Use a token that has it.`;
  }
  if (error.concerns("akua-context")) {
    return "This token is not for this workspace. Use a token of the workspace, or name another one.";
  }
  return `The service refuses this${error.message ? `: ${error.message}` : ""}. Ask whoever runs it.`;
}

// inWords names the field that is at fault.
function inWords(fault) {
  const field = fault.path?.slice(1).join(" ").replaceAll("_", " ");
  return field ? `${field}: ${fault.message}` : fault.message;
}
