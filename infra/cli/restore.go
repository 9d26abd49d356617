package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/client"
	"keepsake/infra/cli/service"
)

func restoreCommand(a *app) *cobra.Command {
	last := false
	c := &cobra.Command{
		Use:   "restore NAME|ID|--last",
		Short: "Undo a delete",
		Args: func(cmd *cobra.Command, args []string) error {
			if last && len(args) == 0 {
				return nil
			} else if last {
				return usage(cmd, "restore takes a NAME or --last, not both")
			}
			return exactly("NAME, an ID or --last")(cmd, args)
		},
		ValidArgsFunction: completeTrash(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.service()
			if err != nil {
				return err
			}
			id, etag, err := toRestore(cmd.Context(), s, args)
			if err != nil {
				return err
			}
			back, err := s.Undelete(cmd.Context(), id, etag)
			if err != nil {
				return err
			}
			s.SettleActive(cmd.Context(), back.Name, back.Id)
			return a.say(back, "Restored %s (%s), with all its versions.", back.Name, back.Id)
		},
	}
	c.Flags().BoolVar(&last, "last", false, "what was deleted last in this workspace")
	return c
}

// toRestore returns the id of the secret that the arguments mean, and its etag. Without arguments it is the last one.
func toRestore(ctx context.Context, s *service.Service, args []string) (id, etag string, err error) {
	switch {
	case len(args) == 0:
		all, err := s.Trash(ctx, "")
		if err != nil {
			return "", "", err
		}
		if id, err = lastDeleted(all); err != nil {
			return "", "", err
		}
	case service.IsID(args[0]):
		id = args[0]
	default:
		found, err := s.FindDeleted(ctx, args[0])
		if err != nil {
			return "", "", err
		}
		id = found.Id
	}
	now, err := s.Get(ctx, id) // lists lag: the etag in them may be an old one
	return id, now.Etag, err
}

// lastDeleted returns the id of what was deleted last. If that is several in the same second, nothing says which one
// is meant.
func lastDeleted(all []client.TrashedSecret) (string, error) {
	var last []client.TrashedSecret
	for _, each := range all {
		at := func(s client.TrashedSecret) client.Time {
			if s.DeletedAt == nil {
				return 0
			}
			return *s.DeletedAt
		}
		if len(last) > 0 && at(each) > at(last[0]) {
			last = nil
		}
		if len(last) == 0 || at(each) == at(last[0]) {
			last = append(last, each)
		}
	}
	switch len(last) {
	case 0:
		return "", service.Fail(service.Missing, "the trash is empty: nothing can be restored")
	case 1:
		return last[0].Id, nil
	}
	f := service.Fail(service.Missing, "%d secrets were deleted in the same second", len(last))
	for _, each := range last {
		f.IDs = append(f.IDs, each.Id)
		f.Message += fmt.Sprintf("\n  %s  %s", each.Id, plain([]string{each.Name})[0])
	}
	return "", f.Because("Restore each by its id: keepsake restore ID")
}
