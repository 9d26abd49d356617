// Times, numbers and names, as people say them.

const day = 86400;
const units = [["day", day], ["hour", 3600], ["minute", 60], ["second", 1]];
const ago = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

// now returns the time in Unix seconds, as the API counts.
export function now() {
  return Date.now() / 1000;
}

// relative says how far away a time is: "in 30 days", "2 minutes ago". It rounds, in the largest unit of which
// there are at least one and a half.
export function relative(at) {
  const left = at - now();
  const [unit, size] = units.find(([, size]) => Math.abs(left) >= 1.5 * size) ?? units[3];
  const count = Math.round(left / size);
  return unit === "second" && count <= 0 && count > -10 ? "just now" : ago.format(count, unit);
}

// calendar returns a time as a date and a time of day, where the reader is.
export function calendar(at) {
  return date.format(at * 1000);
}

// machine returns a time as ISO 8601 has it.
export function machine(at) {
  return new Date(at * 1000).toISOString();
}

// isSoon says whether less than three days are left.
export function isSoon(at) {
  return at - now() < 3 * day;
}

// count returns "1 version", "2 versions".
export function count(n, one, many = one + "s") {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

// quoted puts a name in quotes. A name is a person's text: it may hold anything.
export function quoted(name) {
  return `“${name}”`;
}

// kinds are what one may create, in words.
export const kinds = {
  "generic": "Generic",
  "webhook_signing": "Webhook signing",
  "oci_registry": "OCI registry",
  "cloudflare_api": "Cloudflare API",
  "cloud_provider/hcloud": "Hetzner Cloud",
  "cloud_provider/aws": "AWS",
  "cloud_provider/gcp": "Google Cloud",
  "cloud_provider/azure": "Azure",
};

// kindInWords also knows the kind of old data.
export function kindInWords(kind) {
  return kinds[kind] ?? (kind === "cloud_credential" ? "Cloud credential (old)" : kind);
}

// versionsInWords returns "2 of 3 enabled".
export function versionsInWords(secret) {
  return `${secret.enabled_version_count.toLocaleString("en")} of ${secret.version_count.toLocaleString("en")} enabled`;
}
