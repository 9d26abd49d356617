// Package secret is the domain of Keepsake: what a secret and its versions are, which states
// they pass through, and why a change of state is refused. It knows no AWS and no HTTP; read it
// first.
//
// Four words that other systems mix up mean four different things here. To delete is to hide a
// secret until its purge deadline; to undelete is to bring it back before that; to destroy is to
// erase one version's payload for good and keep its metadata; to purge is to erase a deleted
// secret whole, once its deadline has passed.
//
// The service thinks in whole seconds: every time.Time in this package is cut to them.
package secret
