package main

import (
	"strings"

	"keepsake/infra/envfile"
)

// greet prints how to use a stack that is up.
func greet(say printer, url, token string) {
	say(`
Keepsake is up. Its KMS is a stand-in that protects nothing: no real secrets here.

  address  %[1]s
  console  %[6]s
  token    %[2]s   (workspace %[3]s; both are in %[4]s)
  log      %[5]s

Create a first secret:

  curl -sS -X POST %[1]s/secrets -H 'Authorization: Bearer %[2]s' -H 'Content-Type: application/json' -d '{"name":"db-password","kind":"generic","value":"correct horse"}'

Ctrl-C ends it.`, url, token, localWorkspace, envfile.Path, logPath, strings.TrimSuffix(url, "/v1")+"/")
}
