package main

import (
	"errors"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/service"
)

func rmCommand(a *app) *cobra.Command {
	etag := ""
	c := &cobra.Command{
		Use:               "rm NAME",
		Short:             "Delete a secret; it says until when one command brings it back",
		Args:              exactly("NAME"),
		ValidArgsFunction: completeNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.service()
			if err != nil {
				return err
			}
			found, err := s.Find(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if etag == "" {
				// Lists lag: the etag in them may be an old one.
				if found, err = s.Find(cmd.Context(), found.Id); err != nil {
					return err
				}
				etag = found.Etag
			}
			gone, err := s.Delete(cmd.Context(), found.Id, etag)
			if err != nil {
				return err
			}
			s.SettleDeleted(cmd.Context(), gone.Name, gone.Id)
			return a.say(gone, "Deleted %s. Until %s one command brings it back, whole:\n  keepsake restore %s",
				gone.Name, maybeMoment(gone.PurgeAt), gone.Id)
		},
	}
	c.Flags().StringVar(&etag, "if-match", "", "only if the secret's etag is this one")
	return c
}

// isAmbiguous reports whether several secrets have the name.
func isAmbiguous(err error) bool {
	f := new(service.Failure)
	return errors.As(err, &f) && len(f.IDs) > 0
}
