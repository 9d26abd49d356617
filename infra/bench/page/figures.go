// Package page makes the page of figures from what was measured: tables, charts, and a comparison with the
// figures of before.
package page

// Figures are all that one run measured. Ratios can be compared with another run's; times and bytes are for
// scale only.
type Figures struct {
	Commit  string // and whether more was changed
	Date    string // such as 2026-11-26
	Machine string // its cores and how busy it was
	Warm    []Warm
	Cold    []Cold
	Counted []Counted
	Growth  []Growth
	Beside  []Beside
	Notes   []string // what is left out, and why
}

// Warm is the processor time of a warm call.
type Warm struct {
	Operation    string
	Ratio        float64   // to bare's
	Low, High    float64   // its quartiles
	Net          float64   // to bare's, once an empty function's is taken from both
	Microseconds float64   // of the function
	Memory       [3]Memory // of the function, of bare and of an empty function
}

// Memory is the most that a process held, in bytes.
type Memory struct {
	Fresh int // before its first call
	Warm  int // after the last
}

// Cold is a new process with TLS to AWS. From its first event on it has as little of a processor as on
// Lambda. The figures of calls are 0 if that could not be arranged.
type Cold struct {
	Operation         string
	StartToHello      float64 // processor time of the start, to an empty function's
	StartToBare       float64 // the same, to bare's, which opens no connection yet
	FirstToBare       float64 // the time that the first caller waits, to bare's
	FirstToSecond     float64 // the same, to the second call's
	FirstMilliseconds float64
}

// Counted is what an invocation asked of AWS.
type Counted struct {
	Case                      string
	Steps                     [][]string
	ReadUnits, WriteUnits     float64
	BudgetSteps               [][]string
	BudgetReads, BudgetWrites float64
	LogBytes                  int
}

// Growth is what a question costs a table of some size.
type Growth struct {
	Question   string
	Rows       int
	Deleted    float64 // the share of secrets that are deleted
	Versions   int     // of the secret that is asked for
	ReadUnits  float64
	WriteUnits float64
	Steps      int
	Ratio      float64 // of the function's processor time, to a small table's
}

// Deed is what a secrets server can be asked to do.
type Deed string

// The deeds that are compared with other servers. Each has the name of our operation.
const (
	Create   Deed = "create"
	Access   Deed = "access, latest"
	Delete   Deed = "delete"
	Undelete Deed = "undelete"
)

// Beside is another server's process.
type Beside struct {
	Name         string
	Microseconds map[Deed]float64 // of its processor, for one request
	Memory       int              // the most that it held, in bytes
}

// Goals are the most that a warm call may cost, as a ratio to bare's. Nothing fails if one is missed: no
// test measures time.
var Goals = map[string]float64{"get": 1.3, "undelete": 1.3, "create": 1.3, "access, latest": 1.3, "list, 50": 1.2}
