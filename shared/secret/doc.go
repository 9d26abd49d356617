// Package secret is the domain of Keepsake: what a secret and its versions are, which states
// they pass through, and why a change is refused. It imports shared/fault only, and knows
// nothing of databases, clouds or HTTP. Read it first.
//
// Four words that other systems mix up have one meaning each. Delete hides a secret until its purge
// deadline. Undelete brings it back before that. Destroy erases one version's payload for good and
// keeps its metadata. Purge erases a whole secret: after its deadline, or at once after a hard delete.
//
// Every time.Time in this package is cut to whole seconds, except Stamp.At.
package secret
