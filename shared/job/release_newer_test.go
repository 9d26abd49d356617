package job_test

import (
	"testing"

	"keepsake/infra/cloudtest/rows"
)

// TestTheStreamOfANewerReleasesRowsIsRead: newer code may add attributes while older code runs.
func TestTheStreamOfANewerReleasesRowsIsRead(t *testing.T) {
	all := rows.Releases(t)
	r := all[len(all)-1].Newer()
	startOn(t, r).theStreamIsRead(r)
}
