package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/client"
)

func trashCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "trash",
		Short: "List what can be restored, the soonest deadline first",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.service()
			if err != nil {
				return err
			}
			all, err := s.Trash(cmd.Context(), "")
			if err != nil {
				return err
			}
			t := table{heads: []string{"NAME", "ID", "UNTIL", "DELETED", "BY", "READS SINCE"}}
			for _, each := range all {
				t.add(each.Name, each.Id, maybeMoment(each.PurgeAt), maybeMoment(each.DeletedAt), maybe(each.DeletedBy), reads(each.ReadsSince))
			}
			if len(all) == 0 && isTerminal(a.out) && !a.json {
				a.tell("the trash is empty")
				return nil
			}
			return a.print(all, t)
		},
	}
}

func reads(r client.ReadsSince) string {
	if r.More {
		return fmt.Sprintf("%d+", r.Count)
	}
	return fmt.Sprint(r.Count)
}
