package histories

import (
	"fmt"
	"strings"
)

// input is a request to a slot, which holds one secret. A create fills the slot.
type input struct {
	op      string // "create", "get", "update", "delete", "force", "undelete", "append", "enable", "disable", "destroy", "access"
	slot    int
	ifMatch string
	key     string // an idempotency key; empty: none
	number  int    // of the version
	ask     string // of an access: "latest" or an alias; empty: number names the version
	value   string // of a create or an append
	name    string // of an update
	alias   int    // of an update: the version that the alias names from now on
	now     int64  // the time, which stands still while requests are under way
	half    half   // which part of the request this is
	request int64  // the same in both halves
}

// half is a part of a request. A change happens at one moment, and its response shows the resource at that
// moment or at a later one: a function that must read what became of its write responds with what it
// finds. A change of a version changes the version and the secret that counts it. Reads can see these as
// two moments: DynamoDB shows the rows of a transaction one by one.
type half int

const (
	whole half = iota
	effect
	ofVersion
	ofSecret
	response
)

// output is a response, as far as the contract determines it.
type output struct {
	id      string // of the secret; the model does not look at it
	unknown bool   // no response, or 429 or 503
	status  int
	reason  string // of an error
	etag    string // of the resource; of an error the current etag, if it shows it
	state   string // of a secret or a version
	purgeAt int64
	count   int
	enabled int
	number  int
	alias   int
	name    string
	value   string
}

// alias is the one alias that requests use.
const alias = "prod"

func (i input) String() string {
	what := []string{i.op}
	add := func(name string, value any, there bool) {
		if there {
			what = append(what, fmt.Sprintf("%s=%v", name, value))
		}
	}
	add("v", i.number, i.number > 0)
	add("ask", i.ask, i.ask != "")
	add("if-match", i.ifMatch, i.ifMatch != "")
	add("key", i.key, i.key != "")
	add("value", i.value, i.value != "")
	add("name", i.name, i.name != "")
	add(alias, i.alias, i.alias > 0)
	text := strings.Join(what, " ") + fmt.Sprintf(" @%d", i.now)
	return map[half]string{effect: "(happens) ", ofVersion: "(version) ", ofSecret: "(count) ", response: "(responds) "}[i.half] + text
}

func (o output) String() string {
	if o.unknown {
		return "unknown"
	}
	what := []string{fmt.Sprint(o.status)}
	for _, part := range []struct {
		name string
		text string
	}{
		{"", o.reason}, {"etag=", o.etag}, {"", o.state}, {"name=", o.name}, {"value=", o.value},
		{"v=", number(o.number)}, {"versions=", number(o.count)}, {"enabled=", number(o.enabled)},
		{alias + "=", number(o.alias)}, {"purge_at=", number(int(o.purgeAt))},
	} {
		if part.text != "" {
			what = append(what, part.name+part.text)
		}
	}
	return strings.Join(what, " ")
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
