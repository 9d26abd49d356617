package main

import (
	"context"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/client"
	"keepsake/infra/cli/service"
)

func logCommand(a *app) *cobra.Command {
	most := 0
	c := &cobra.Command{
		Use:               "log NAME|ID",
		Short:             "Show who read and changed a secret, the newest first; by its id after the purge too",
		Args:              exactly("NAME or an ID"),
		ValidArgsFunction: completeNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.service()
			if err != nil {
				return err
			}
			id, err := logged(cmd.Context(), s, args[0])
			if err != nil {
				return err
			}
			all, err := s.Events(cmd.Context(), id, most)
			if err != nil {
				return err
			}
			t := table{heads: []string{"TIME", "OPERATION", "OUTCOME", "VERSION", "WHO", "FROM"}}
			for _, e := range all {
				t.add(moment(e.OccurredAt), e.Operation, outcome(e), maybe(e.Version), e.Principal, from(e))
			}
			return a.print(all, t)
		},
	}
	c.Flags().IntVarP(&most, "number", "n", 0, "show this many at most; 0: all")
	return c
}

// logged returns the id whose events are meant: of an active secret, or of a deleted one.
func logged(ctx context.Context, s *service.Service, name string) (string, error) {
	if service.IsID(name) {
		return name, nil
	}
	found, err := s.Find(ctx, name)
	if service.Is(err, service.Missing) && !isAmbiguous(err) {
		deleted, inTrash := s.FindDeleted(ctx, name)
		if inTrash == nil || isAmbiguous(inTrash) {
			return deleted.Id, inTrash
		}
	}
	return found.Id, err
}

func outcome(e client.SecretEvent) string {
	if e.Reason != nil {
		return string(e.Outcome) + " (" + *e.Reason + ")"
	}
	return string(e.Outcome)
}

func from(e client.SecretEvent) string {
	if e.ViewerIp != nil {
		return *e.ViewerIp
	}
	return maybe(e.SourceIp)
}
