package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/client"
	"keepsake/infra/cli/login"
	"keepsake/infra/cli/run"
	"keepsake/infra/cli/service"
	"keepsake/infra/cli/transfer"
)

// exporting is what keepsake export was told.
type exporting struct {
	bindings        []string
	prefix, file    string
	everything      bool
	show            bool
	name, namespace string
}

func exportCommand(a *app) *cobra.Command {
	var in exporting
	c := &cobra.Command{
		Use:   "export FORMAT [NAME[@alias]]…",
		Short: "Write values as dotenv, json, kubernetes or shell",
		Long: `export writes the values of secrets: of those that are named, of those whose names begin with --prefix, or of all.
dotenv and shell need names of variables: api/key becomes API_KEY; -e VAR=NAME chooses another.
It writes to stdout, but not to a terminal without --show, or to a file that only you may read.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || !slices.Contains(transfer.Formats, args[0]) {
				return usage(cmd, "export needs a format: "+strings.Join(transfer.Formats, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.file == "" && isTerminal(a.out) && !in.show {
				return service.Fail(service.Failed, "stdout is a terminal, and would show the values").Because("Write to a file: --out FILE. Or ask for it: --show.")
			}
			if args[0] == "kubernetes" && in.name == "" {
				return usage(cmd, "a Kubernetes Secret has a name: --name")
			}
			s, err := a.service()
			if err != nil {
				return err
			}
			text, err := in.write(cmd.Context(), s, args[0], args[1:])
			if err != nil {
				return err
			}
			if in.file != "" {
				return login.WritePrivate(in.file, text)
			}
			_, err = a.out.Write(text)
			return err
		},
	}
	flags := c.Flags()
	flags.StringArrayVarP(&in.bindings, "env", "e", nil, "a key and the secret in it: KEY=NAME[@alias]")
	flags.StringVar(&in.prefix, "prefix", "", "the secrets whose names begin so; the prefix is left out of the keys")
	flags.BoolVar(&in.everything, "all", false, "all secrets of the workspace")
	flags.StringVar(&in.file, "out", "", "write to this file, which only you may read")
	flags.BoolVar(&in.show, "show", false, "write to a terminal")
	flags.StringVar(&in.name, "name", "", "kubernetes: the name of the Secret")
	flags.StringVar(&in.namespace, "namespace", "", "kubernetes: its namespace")
	return c
}

// write reads the values and writes them in a format.
func (in exporting) write(ctx context.Context, s *service.Service, format string, names []string) ([]byte, error) {
	keys, err := in.keys(ctx, s, format, names)
	if err != nil {
		return nil, err
	}
	read, err := run.Read(ctx, s, keys)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for key, r := range keys {
		values[key] = read[r].Text
	}
	return transfer.Export(format, values, transfer.Manifest{Name: in.name, Namespace: in.namespace})
}

// keys says which key holds which secret. Two secrets of one key are a Failure.
func (in exporting) keys(ctx context.Context, s *service.Service, format string, names []string) (run.Bindings, error) {
	keys, err := run.ParseBindings(in.bindings)
	if err != nil {
		return nil, err
	}
	add := func(name string, r service.Reference) error {
		key := transfer.Key(format, name)
		if other, taken := keys[key]; taken && other != r {
			return service.Fail(service.Missing, "%s and %s would both be %s", other, r, key).Because("Choose a key: -e KEY=NAME")
		}
		keys[key] = r
		return nil
	}
	for _, name := range names {
		r, err := service.ParseReference(name)
		if err == nil {
			err = add(r.Secret, r)
		}
		if err != nil {
			return nil, err
		}
	}
	if in.prefix == "" && !in.everything {
		if len(keys) == 0 {
			return nil, service.Fail(service.Failed, "nothing says what to export").Because("Name the secrets, or use --prefix or --all.")
		}
		return keys, nil
	}
	var params client.SecretsListParams
	if in.prefix != "" {
		params.NamePrefix = &in.prefix
	}
	found, err := s.List(ctx, params)
	if err != nil {
		return nil, err
	}
	for _, each := range found {
		name := strings.TrimPrefix(each.Name, in.prefix)
		if name == "" {
			name = each.Name
		}
		if err := add(name, service.Reference{Secret: each.Id, Version: "latest"}); err != nil {
			return nil, err
		}
	}
	return keys, nil
}
