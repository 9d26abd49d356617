package console

import "testing"

func TestThePageIsAssembled(t *testing.T) {
	p, err := New(SignIn{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", p.Policy)
	t.Log(len(p.Document))
}
