package main

import (
	"encoding/base64"
	"fmt"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/service"
)

func getCommand(a *app) *cobra.Command {
	decode := false
	c := &cobra.Command{
		Use:               "get NAME[@alias|@3]",
		Short:             "Print a value",
		Args:              exactly("NAME"),
		ValidArgsFunction: completeNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := service.ParseReference(args[0])
			if err != nil {
				return err
			}
			s, err := a.service()
			if err != nil {
				return err
			}
			read := s.Read
			if a.json { // which says the id, too
				read = s.Look
			}
			value, err := read(cmd.Context(), r)
			if err != nil {
				return err
			}
			text := value.Text
			if decode {
				bytes, err := base64.StdEncoding.DecodeString(text)
				if err != nil { // the error could quote the value
					return service.Fail(service.Failed, "the value is not base64: read it without --base64")
				}
				text = string(bytes)
			}
			if a.json {
				return a.printJSON(map[string]string{"id": value.Secret.Id, "name": value.Secret.Name, "value": value.Text})
			}
			if isTerminal(a.out) {
				text += "\n"
			}
			_, err = fmt.Fprint(a.out, text)
			return err
		},
	}
	c.Flags().BoolVar(&decode, "base64", false, "the value is base64: print the bytes")
	return c
}
