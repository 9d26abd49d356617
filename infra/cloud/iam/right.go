package iam

import (
	"slices"

	"keepsake/infra/template"
)

// Right is one action on one resource that a statement of a function's role allows, spelled as it is
// there.
type Right struct{ Function, Sid, Action, Resource string }

// String returns the right as a line of a report.
func (r Right) String() string {
	return r.Function + " " + r.Sid + " " + r.Action + " " + r.Resource
}

// byLambda are the actions that Lambda performs with a function's role, without the function's code: it
// writes the log, reads the stream and sends dead letters to a queue.
var byLambda = []string{
	"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage",
	"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
}

// IsForLambda reports whether Lambda uses the right, and not the function's code.
func (r Right) IsForLambda() bool { return slices.Contains(byLambda, r.Action) }

// Rights lists what a function's role allows, one right for each action on each resource.
func Rights(f template.Function) []Right {
	var all []Right
	for _, s := range f.Statements {
		for _, action := range s.Actions {
			for _, resource := range s.Resources {
				all = append(all, Right{f.Name, s.Sid, action, resource})
			}
		}
	}
	return all
}

// right returns the first right that allows r. Another that also allows it counts as unused.
func (r request) right(f template.Function) Right {
	s := f.Statements[slices.IndexFunc(f.Statements, r.isAllowedBy)]
	return Right{
		Function: f.Name, Sid: s.Sid,
		Action:   s.Actions[slices.IndexFunc(s.Actions, r.isAction)],
		Resource: s.Resources[slices.IndexFunc(s.Resources, r.isResource)],
	}
}
