package trace

import (
	"fmt"
	"regexp"
	"strings"
)

// words spells keys of the engine in words.
type words struct {
	workspace, secret, name, token string
	fresh                          bool // the operation makes its secret
	others                         map[string]string
}

var (
	anID       = regexp.MustCompile(`sec_[0-9a-hjkmnp-tv-z]{26}`)
	aHash      = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	aTime      = regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{26}$`)
	seconds    = regexp.MustCompile(`^\d{10}$`)
	aShard     = regexp.MustCompile(`^\d{1,2}$`)
	randomName = regexp.MustCompile(`^[A-Z2-7]{26}$`)
)

// sampleName is the name of the secrets that the sample events make. Those of a real workspace differ.
const sampleName = "db-password"

// touch spells the keys of a touch. The shard that a secret is in differs; a Query of one names it.
func (w words) touch(t Touch) Touch {
	if t.Write > 0 && aShard.MatchString(t.Key) {
		t.Key = Shard
	} else {
		t.Key = w.spell(t.Key)
	}
	t.Sort = w.spell(t.Sort)
	return t
}

func (w words) spell(text string) string {
	switch {
	case aTime.MatchString(text):
		return Time
	case seconds.MatchString(text):
		return Deadline
	case text != "" && text == w.token:
		return Token
	case text == sampleName, randomName.MatchString(text):
		return Name
	}
	text = strings.ReplaceAll(text, w.workspace, Workspace)
	text = anID.ReplaceAllStringFunc(text, w.id)
	hash := NoToken
	if strings.Contains(text, "#key#") {
		hash = Key
	}
	return aHash.ReplaceAllString(text, hash)
}

// id is the word for a secret's id.
func (w words) id(id string) string {
	switch {
	case id == w.secret, w.name != "":
		return Secret
	case w.fresh:
		return Fresh
	case w.others[id] == "":
		w.others[id] = fmt.Sprintf(Other, len(w.others)+1)
	}
	return w.others[id]
}
