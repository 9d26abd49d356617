package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/client"
)

func lsCommand(a *app) *cobra.Command {
	var label, kind string
	c := &cobra.Command{
		Use:   "ls [PREFIX]",
		Short: "List the secrets, or those whose names begin so",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(cmd, "ls takes one prefix at most")
			}
			return nil
		},
		ValidArgsFunction: completeNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			params, err := listParams(cmd, args, label, kind)
			if err != nil {
				return err
			}
			s, err := a.service()
			if err != nil {
				return err
			}
			all, err := s.List(cmd.Context(), params)
			if err != nil {
				return err
			}
			t := table{heads: []string{"NAME", "ID", "KIND", "VERSIONS", "UPDATED"}}
			for _, each := range all {
				t.add(each.Name, each.Id, string(each.Kind), fmt.Sprint(each.VersionCount), moment(each.UpdatedAt))
			}
			if len(all) == 0 && isTerminal(a.out) && !a.json {
				a.tell("there is nothing to list")
				return nil
			}
			return a.print(all, t)
		},
	}
	c.Flags().StringVar(&label, "label", "", "only those with this label: KEY=VALUE")
	c.Flags().StringVar(&kind, "kind", "", "only those of this kind, such as generic")
	return c
}

func listParams(cmd *cobra.Command, args []string, label, kind string) (client.SecretsListParams, error) {
	var params client.SecretsListParams
	if len(args) == 1 {
		params.NamePrefix = &args[0]
	}
	if label != "" {
		key, value, ok := strings.Cut(label, "=")
		if !ok {
			return params, usage(cmd, "a label is KEY=VALUE")
		}
		label = key + ":" + value
		params.Label = &label
	}
	if kind != "" {
		params.Kind = (*client.Kind)(&kind)
	}
	return params, nil
}
