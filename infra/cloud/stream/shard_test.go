package stream

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// shards plays a DynamoDB with one stream. All its shards but the last are closed: that happens on AWS
// and never with our engine.
type shards struct {
	mu      sync.Mutex
	names   []string
	records map[string][]string // sequence numbers by shard
	trimmed bool                // the records at a saved position are gone
}

func (s *shards) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var in struct{ ShardID, ShardIteratorType, SequenceNumber, ShardIterator string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		panic(err)
	}
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch action {
	case "DescribeTable":
		_, _ = io.WriteString(w, `{"Table":{"LatestStreamArn":"arn:stream"}}`)
	case "DescribeStream":
		_, _ = io.WriteString(w, `{"StreamDescription":{"Shards":[{"ShardId":"`+strings.Join(s.names, `"},{"ShardId":"`)+`"}]}}`)
	case "GetShardIterator":
		if in.SequenceNumber != "" && s.trimmed {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#TrimmedDataAccessException","message":"too late"}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"ShardIterator":"%s %d"}`, in.ShardID, slices.Index(s.records[in.ShardID], in.SequenceNumber)+1)
	case "GetRecords":
		_, _ = io.WriteString(w, s.page(in.ShardIterator))
	}
}

// page returns the record at the iterator: each page has one.
func (s *shards) page(iterator string) string {
	shard, at, _ := strings.Cut(iterator, " ")
	var i int
	_, _ = fmt.Sscan(at, &i)
	if i < len(s.records[shard]) {
		return fmt.Sprintf(`{"Records":[{"eventID":"x","dynamodb":{"Keys":{"pk":{"S":"%[1]s"}},"SequenceNumber":"%[1]s","ApproximateCreationDateTime":1.7E9},
			"userIdentity":{"PrincipalId":"dynamodb.amazonaws.com","Type":"Service"}}],"NextShardIterator":"%[2]s %[3]d"}`, s.records[shard][i], shard, i+1)
	}
	if shard == s.names[len(s.names)-1] {
		return `{"Records":[],"NextShardIterator":"` + iterator + `"}`
	}
	return `{"Records":[],"NextShardIterator":null}`
}

func (s *shards) grow(shard string, sequences ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = append(s.names, shard)
	s.records[shard] = sequences
}

// watchShards returns a watch of a played stream.
func watchShards(t *testing.T) (*watch, *shards, Config) {
	t.Helper()
	s := &shards{records: map[string][]string{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	w := newWatch(t, "")
	c := w.config()
	c.DynamoDB = server.URL
	return w, s, c
}

func TestAClosedShardIsFollowedByTheNextOne(t *testing.T) {
	w, s, c := watchShards(t)
	s.grow("first", "11", "12")
	s.grow("second", "21")
	stop := w.startWith(c)
	w.until("the second shard", func() bool { return len(w.names()) == 3 })
	s.grow("third", "31", "32")
	w.until("a shard that comes later", func() bool { return len(w.names()) == 5 })
	stop()
	s.grow("fourth", "41")
	w.startWith(c)
	w.until("after a restart the fourth", func() bool { return slices.Contains(w.names(), "41") })
	if got, want := w.names(), []string{"11", "12", "21", "31", "32", "41"}; !slices.Equal(got, want) {
		t.Errorf("the function was given %q, want %q", got, want)
	}
	if r := w.records()[0]; r.UserIdentity == nil || r.UserIdentity.PrincipalID != "dynamodb.amazonaws.com" {
		t.Errorf("the API's own spelling became %+v", r.UserIdentity)
	}
}

func TestAPositionThatTheStreamHasDroppedIsLoggedAndTheRestComes(t *testing.T) {
	w, s, c := watchShards(t)
	s.grow("first", "18", "19")
	s.trimmed = true
	if err := folder(c.Positions); err != nil {
		t.Fatal(err)
	}
	at := []byte(`{"stream":"arn:stream","shard":"first","sequence":"11"}`)
	if err := os.WriteFile(filepath.Join(c.Positions, "watch-things.json"), at, 0o600); err != nil {
		t.Fatal(err)
	}
	stop := w.startWith(c)
	w.until("what is left", func() bool { return len(w.names()) == 2 })
	stop()
	if !strings.Contains(w.log.String(), "TrimmedDataAccessException: too late") {
		t.Errorf("the log says %s", &w.log)
	}
}
