package template

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"keepsake/infra/template/resolve"
)

// Function is a Lambda function: one operation.
type Function struct {
	LogicalID   string // UndeleteSecretFunction
	Name        string // undelete-secret
	Alias       string // callers reach the function by it; may be empty
	Timeout     time.Duration
	MemoryMB    int
	Environment map[string]string
	LogGroup    string // its name; Lambda writes the function's log to it
	Routes      []Route
	Schedules   []Schedule
	Streams     []Stream
	Role        string      // the ARN of the role that it acts as
	Statements  []Statement // all that its role may do
}

// ARN returns the function's ARN.
func (f Function) ARN() string { return FunctionARN(f.Name) }

// properties are a function's. Globals may say those above Events, too.
type properties struct {
	Alias       string `yaml:"AutoPublishAlias"`
	Timeout     int    `yaml:"Timeout"`    // seconds
	MemorySize  int    `yaml:"MemorySize"` // MB
	Environment struct {
		Variables map[string]string `yaml:"Variables"`
	} `yaml:"Environment"`
	Logging struct {
		Group string `yaml:"LogGroup"`
	} `yaml:"LoggingConfig"`
	Events   map[string]event `yaml:"Events"`
	Role     string           `yaml:"Role"`
	Policies resolve.Value    `yaml:"Policies"`
}

type event struct {
	Type       string        `yaml:"Type"`
	Properties resolve.Value `yaml:"Properties"`
}

func readFunction(r resolve.Resource, globals resolve.Value, roles []Role) (Function, error) {
	p := properties{Timeout: 3, MemorySize: 128} // SAM's defaults
	p.Environment.Variables = map[string]string{}
	p.Logging.Group = "/aws/lambda/" + r.Name
	if err := globals.Decode(&p); err != nil {
		return Function{}, fmt.Errorf("globals: %w", err)
	}
	// The second reading adds to the first one's map and replaces its numbers, as SAM merges them.
	if err := r.Properties.Decode(&p); err != nil {
		return Function{}, err
	}
	f := Function{
		LogicalID:   r.ID,
		Name:        r.Name,
		Alias:       p.Alias,
		Timeout:     time.Duration(p.Timeout) * time.Second,
		MemoryMB:    p.MemorySize,
		Environment: p.Environment.Variables,
		LogGroup:    p.Logging.Group,
	}
	if err := f.actAs(p, roles); err != nil {
		return f, err
	}
	return f, f.addEvents(p.Events)
}

// actAs finds what the function may do. Without a Role it may do nothing, as the one that SAM makes.
func (f *Function) actAs(p properties, roles []Role) error {
	if line := p.Policies.Line(); line > 0 {
		return fmt.Errorf("line %d: the Policies of a function are not supported: write the statements into its Role", line)
	}
	if p.Role == "" {
		f.Role = RoleARN(f.LogicalID + "Role")
		return nil
	}
	role, err := findRole(roles, p.Role)
	f.Role, f.Statements = role.ARN, role.Statements
	return err
}

// addEvents reads what starts the function, in the order of the events' names.
func (f *Function) addEvents(events map[string]event) error {
	for _, id := range slices.Sorted(maps.Keys(events)) {
		if err := f.addEvent(events[id]); err != nil {
			return fmt.Errorf("event %s (line %d): %w", id, events[id].Properties.Line(), err)
		}
	}
	return nil
}

func (f *Function) addEvent(e event) error {
	switch e.Type {
	case "HttpApi":
		route, err := readRoute(e.Properties)
		f.Routes = append(f.Routes, route)
		return err
	case "ScheduleV2":
		schedule, err := readSchedule(e.Properties)
		f.Schedules = append(f.Schedules, schedule)
		return err
	case "DynamoDB":
		stream, err := readStream(e.Properties)
		f.Streams = append(f.Streams, stream)
		return err
	}
	return fmt.Errorf("the type %q is not supported: use HttpApi, ScheduleV2 or DynamoDB", e.Type)
}
