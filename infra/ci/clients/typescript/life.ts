// A secret's life by a client that openapi-typescript and openapi-fetch make from the document.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./keepsake.js";

const client = createClient<paths>({
  baseUrl: process.env.KEEPSAKE_URL,
  headers: { Authorization: `Bearer ${process.env.KEEPSAKE_TOKEN}` },
});
const name = "typescript/100%?"; // a path must not be read as another one
const value = "a value of TypeScript's";

const created = await client.POST("/v1/secrets", {
  body: { name, kind: "generic", value },
});
assert(created.data, "no secret was created");
const { id, etag } = created.data;

const removed = await client.DELETE("/v1/secrets/{id}", {
  params: { path: { id }, header: { "If-Match": etag } },
});
assert.equal(removed.response.status, 204);
const deleted = await client.GET("/v1/secrets/{id}", { params: { path: { id } } });
assert.equal(deleted.data?.state, "soft_deleted");

const restored = await client.POST("/v1/secrets/{id}:undelete", {
  params: { path: { id }, header: { "If-Match": deleted.data.etag } },
});
assert.equal(restored.data?.state, "active");

const read = await client.POST("/v1/secrets/{id}/versions/{vid}:access", {
  params: { path: { id, vid: "latest" } },
});
assert.equal(read.data?.value, value);

const named = await client.POST("/v1/names/{name}/versions/{vid}:access", {
  params: { path: { name, vid: "latest" } },
});
assert.equal(named.data?.value, value);

const stale = await client.PATCH("/v1/secrets/{id}", {
  params: { path: { id }, header: { "If-Match": etag } },
  body: { description: "too late" },
});
assert.equal(stale.response.status, 409);
assert(stale.error && "errors" in stale.error);
assert.equal(stale.error.errors[0].code, 7006);
assert.equal(stale.error.errors[0].metadata?.reason, "ABORTED");
console.log("typescript: created, deleted, undeleted, read, by its name too; a stale If-Match is refused");
