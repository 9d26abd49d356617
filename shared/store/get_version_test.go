package store_test

import (
	"strings"
	"testing"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

func TestGetVersionReadsNoPayload(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action != "Query" || !strings.Contains(string(c.Body), `"IndexName":"versions"`) {
			t.Errorf("%s %s", c.Action, c.Body)
		}
		return wire.Pass()
	})
	v, err := s.GetVersion(t.Context(), made.Version(1))
	if err != nil || v.State != secret.Enabled || v.Etag != made.Version(1).FirstEtag() || !v.CreatedAt.Equal(noon) {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestGetVersionFindsNoVersionThatWasNeverMade(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	for _, v := range []secret.VersionRef{made.Version(2), secret.NewRef("ws_test", noon).Version(1), {Ref: secret.Ref{Workspace: "ws_test", ID: "x"}, Number: 1}} {
		if _, err := s.GetVersion(t.Context(), v); code(err) != fault.NotFound {
			t.Errorf("%v: %v", v, err)
		}
	}
}
