package accounttest

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
)

// Change is what a change set would do to a resource.
type Change struct {
	Action      string // Add, Modify, Remove
	ID, Type    string
	Physical    string // of a resource that is there
	Replacement string // True, Conditional, False; empty unless Action is Modify
	Policy      string // what becomes of the one that is there, such as Retain; may be empty
}

// Resource is a resource of a stack, as CloudFormation lists it.
type Resource struct{ ID, Type, Physical, Status string }

// Event is an event of a stack. The account numbers events in the order in which they happen.
type Event struct{ ID, Type, Status, Reason string }

// pageSize is small, so that a test whose lists are long reads more than one page.
const pageSize = 20

// page returns a page of a list, and the element that names the next one.
func page[T any](r *http.Request, all []T) (part []T, next string) {
	from, _ := strconv.Atoi(r.FormValue("NextToken"))
	to := min(from+pageSize, len(all))
	if to < len(all) {
		next = fmt.Sprintf("<NextToken>%d</NextToken>", to)
	}
	return all[min(from, to):to], next
}

func (a *Account) changeSet(w http.ResponseWriter, action string, r *http.Request) {
	changes, ok := a.ChangeSets[r.FormValue("ChangeSetName")]
	if !ok && a.Refusals[action] == (Refusal{}) {
		a.refuse(w, Refusal{http.StatusNotFound, "ChangeSetNotFound", "ChangeSet [" + r.FormValue("ChangeSetName") + "] does not exist"})
		return
	}
	part, next := page(r, changes)
	var b strings.Builder
	b.WriteString("<Status>CREATE_COMPLETE</Status><Changes>")
	for _, c := range part {
		_, _ = fmt.Fprintf(&b, "<member><Type>Resource</Type><ResourceChange><Action>%s</Action><LogicalResourceId>%s</LogicalResourceId>"+
			"<ResourceType>%s</ResourceType><PhysicalResourceId>%s</PhysicalResourceId>", c.Action, c.ID, c.Type, c.Physical)
		if c.Replacement != "" {
			_, _ = fmt.Fprintf(&b, "<Replacement>%s</Replacement>", c.Replacement)
		}
		if c.Policy != "" {
			_, _ = fmt.Fprintf(&b, "<PolicyAction>%s</PolicyAction>", c.Policy)
		}
		b.WriteString("</ResourceChange></member>")
	}
	a.respond(w, action, b.String()+"</Changes>"+next)
}

func (a *Account) execute(w http.ResponseWriter, action string, r *http.Request) {
	if _, refused := a.Refusals[action]; !refused {
		a.Executed = append(a.Executed, r.FormValue("ChangeSetName"))
		if a.OnExecute != nil {
			a.OnExecute()
		}
	}
	a.respond(w, action, "")
}

// events lists the newest first, as CloudFormation does.
func (a *Account) events(w http.ResponseWriter, action string, r *http.Request) {
	var all []string
	for i, e := range a.Events {
		all = append([]string{fmt.Sprintf("<member><EventId>event-%d</EventId><StackName>%s</StackName><StackId>%[2]s</StackId><Timestamp>2026-11-24T00:00:00Z</Timestamp>"+
			"<LogicalResourceId>%s</LogicalResourceId><ResourceType>%s</ResourceType><ResourceStatus>%s</ResourceStatus><ResourceStatusReason>%s</ResourceStatusReason></member>",
			i, r.FormValue("StackName"), e.ID, e.Type, e.Status, html.EscapeString(e.Reason))}, all...)
	}
	part, next := page(r, all)
	a.respond(w, action, "<StackEvents>"+strings.Join(part, "")+"</StackEvents>"+next)
}

func (a *Account) listResources(w http.ResponseWriter, action string, r *http.Request) {
	part, next := page(r, a.Stacks[r.FormValue("StackName")].List)
	var b strings.Builder
	for _, each := range part {
		_, _ = fmt.Fprintf(&b, "<member><LogicalResourceId>%s</LogicalResourceId><ResourceType>%s</ResourceType><PhysicalResourceId>%s</PhysicalResourceId>"+
			"<ResourceStatus>%s</ResourceStatus><LastUpdatedTimestamp>2026-11-24T00:00:00Z</LastUpdatedTimestamp></member>", each.ID, each.Type, each.Physical, each.Status)
	}
	a.respond(w, action, "<StackResourceSummaries>"+b.String()+"</StackResourceSummaries>"+next)
}
