package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"keepsake/infra/limits/partition"
	"keepsake/infra/limits/trace"
	"keepsake/shared/secret"
)

// Words that a changed key may have besides those of a trace.
const (
	tenthOfSecret = "{a tenth, by the secret}"
	anyTenth      = "{a tenth, at random}"
	spread        = "{two digits, by the secret}"
)

// epoch is when the play begins.
var epoch = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// retention is the template's default.
const retention = 30 * 24 * time.Hour

// world is who calls: workspaces of so many secrets each, and what share of the calls is about the first secret.
type world struct {
	workspaces, secrets int
	hot                 float64
}

// player makes requests with real keys out of traces. The same seed gives the same requests.
type player struct {
	world
	shards int
	random *rand.Rand
	at     time.Time
	made   int
	ids    map[int]string
}

func newPlayer(w world, shards int, seed uint64) *player {
	return &player{world: w, shards: shards, random: rand.New(rand.NewPCG(seed, 42)), ids: map[int]string{}}
}

// idOf returns the id that a secret gets which is made at a moment, as the service makes ids; its random part comes
// from the seed.
func idOf(at time.Time, seed string) string {
	return idPrefix + secret.SortableFrom(at, seed)
}

// idPrefix is what the service puts before an id's sortable part.
var idPrefix = strings.TrimRight(secret.NewRef("ws_x", epoch).ID, "0123456789abcdefghjkmnpqrstvwxyz")

// existing returns the id of one of the workspace's secrets. One was made each hour.
func (p *player) existing(workspace, n int) string {
	key := workspace*p.secrets + n
	id, ok := p.ids[key]
	if !ok {
		id = idOf(epoch.Add(-time.Duration(n+1)*time.Hour), strconv.Itoa(key))
		p.ids[key] = id
	}
	return id
}

// request returns what a request asks for, about one secret of one workspace.
func (p *player) request(a about) partition.Request {
	d := draw{player: p, workspace: p.random.IntN(p.workspaces), others: map[string]string{}}
	n := p.random.IntN(p.secrets)
	if a.hot {
		d.workspace, n = 0, 0
	}
	p.made++
	d.n = p.made
	if d.secret = p.existing(d.workspace, n); makes(a.touches) {
		d.secret = idOf(p.at, strconv.Itoa(d.n))
	}
	d.shard, d.tenth = strconv.Itoa(p.random.IntN(p.shards)), strconv.Itoa(p.random.IntN(10))
	r := make(partition.Request, 0, len(a.touches))
	for _, touch := range a.touches {
		if touch.Later { // it refuses nobody
			continue
		}
		r = append(r, partition.Access{
			Place: touch.Place, Key: d.fill(touch.Key), Sort: d.fill(touch.Sort),
			Read: touch.Read, Write: touch.Write + touch.Twice, Whole: touch.Place == "SecretsTable", Label: label(touch),
		})
	}
	return r
}

// makes reports whether a request with these keys makes its secret.
func makes(touches []trace.Touch) bool { return trace.Trace{Touches: touches}.Has(trace.Fresh) }

// draw is what chance has chosen for one request.
type draw struct {
	*player
	workspace, n         int
	secret, shard, tenth string
	others               map[string]string
}

// fill puts values into the place of a pattern's words.
func (d draw) fill(pattern string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(pattern, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		word, after, _ := strings.Cut(rest, "}")
		out.WriteString(d.value("{" + word + "}"))
		pattern = after
	}
}

func (d draw) value(word string) string {
	switch word {
	case trace.Workspace:
		return "ws_" + strconv.Itoa(d.workspace)
	case trace.Secret, trace.Fresh:
		return d.secret
	case trace.Name:
		return "name-" + strconv.FormatUint(uint64(hash(d.secret)), 16)
	case trace.Deadline:
		return strconv.FormatInt(d.at.Add(retention).UnixMilli(), 10)
	case trace.Time:
		return secret.SortableFrom(d.at, strconv.Itoa(d.n))
	case trace.Shard:
		return d.shard
	case trace.Token, trace.NoToken:
		return word
	case trace.Key:
		return strconv.Itoa(d.n)
	case trace.Start:
		return ""
	case trace.End:
		return "\x7f"
	case tenthOfSecret:
		return strconv.Itoa(int(hash(d.secret) % 10))
	case anyTenth:
		return d.tenth
	case spread:
		return fmt.Sprintf("%02x", hash(d.secret)%256)
	}
	return d.other(word)
}

// other returns the id of one more secret of the workspace.
func (d draw) other(word string) string {
	if !strings.HasPrefix(word, "{another secret") {
		panic("nobody knows what to put in the place of " + word)
	}
	if d.others[word] == "" {
		d.others[word] = d.existing(d.workspace, d.random.IntN(d.secrets))
	}
	return d.others[word]
}

func hash(text string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(text))
	return h.Sum32()
}

// label names a key on the page.
func label(t trace.Touch) string {
	_, index, ok := strings.Cut(t.Place, "/")
	state := ""
	if _, after, found := strings.Cut(t.Key, "#"); found {
		state = " " + strings.Split(after, "#")[0]
	}
	switch {
	case ok && strings.Contains(t.Key, trace.Workspace):
		return "`" + index + "`," + state
	case ok:
		return "`" + index + "`, a shard"
	case t.Place == "AuditTable":
		return "trail"
	case t.Place == "TokensTable":
		return "token"
	case strings.Contains(t.Key, "#key#"):
		return "key's record"
	}
	return "rows"
}
