package iam

import (
	"slices"

	"keepsake/infra/template"
)

// Right is one action on one resource that a statement of a function's role allows, as it is
// written there.
type Right struct{ Function, Sid, Action, Resource string }

// String is a line of a report.
func (r Right) String() string {
	return r.Function + " " + r.Sid + " " + r.Action + " " + r.Resource
}

// lambdas are the actions that Lambda performs with a function's role while the function does not
// know of it: it writes the log, reads the stream, and tells a queue of what failed.
var lambdas = []string{
	"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage",
	"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
}

// IsLambdas reports whether it is Lambda that makes use of the right, and not the function's code.
func (r Right) IsLambdas() bool { return slices.Contains(lambdas, r.Action) }

// Rights lists what a function's role allows, each action on each resource by itself.
func Rights(f template.Function) []Right {
	var all []Right
	for _, s := range f.Statements {
		for _, action := range s.Actions {
			for _, resource := range s.Resources {
				if s.Effect == allow {
					all = append(all, Right{f.Name, s.Sid, action, resource})
				}
			}
		}
	}
	return all
}

// right is the first one that allows r. Another that would allow it as well is one too many.
func (r request) right(f template.Function) Right {
	s := f.Statements[slices.IndexFunc(f.Statements, r.isAllowedBy)]
	return Right{
		Function: f.Name, Sid: s.Sid,
		Action:   s.Actions[slices.IndexFunc(s.Actions, r.isAction)],
		Resource: s.Resources[slices.IndexFunc(s.Resources, r.isResource)],
	}
}
