package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/spf13/cobra"

	"keepsake/infra/cli/service"
	"keepsake/infra/cli/transfer"
)

// importing is what keepsake import was told.
type importing struct {
	dryRun, fields bool
	prefix         string
}

func importCommand(a *app) *cobra.Command {
	in := &importing{}
	c := &cobra.Command{
		Use:   "import SOURCE",
		Short: "Bring secrets from elsewhere into Keepsake",
		Long: `import makes a secret for each one that the source has, with its versions. It is safe to run again: what is there
already stays, and after an interruption it goes on. --dry-run says what it would do. Values are never shown.`,
		Args: func(cmd *cobra.Command, _ []string) error {
			return usage(cmd, "import needs a source: dotenv, json, aws-secretsmanager, aws-ssm, vault or chamber")
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	c.PersistentFlags().BoolVar(&in.dryRun, "dry-run", false, "say what would be done, and do nothing")
	c.PersistentFlags().StringVar(&in.prefix, "prefix", "", "put this before each name, such as app/")
	c.AddCommand(
		fileImport(a, in, "dotenv", "lines NAME=value", func(text []byte, source, prefix string) (transfer.Items, error) {
			return transfer.Dotenv(text, source, prefix), nil
		}),
		fileImport(a, in, "json", "an object of names and values", transfer.JSON),
		secretsManagerImport(a, in), parameterImport(a, in), vaultImport(a, in), chamberImport(a, in),
	)
	return c
}

// fileImport reads a file, or stdin.
func fileImport(a *app, in *importing, format, what string, read func(text []byte, source, prefix string) (transfer.Items, error)) *cobra.Command {
	return &cobra.Command{
		Use:   format + " [FILE]",
		Short: "From a file, or stdin: " + what,
		Args:  atMostOne("file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, source, err := a.input(args)
			if err != nil {
				return err
			}
			items, err := read(text, format+" "+source, in.prefix)
			if err != nil {
				return err
			}
			return a.transfer(cmd.Context(), in, items)
		},
	}
}

// input reads the file of the arguments, or stdin. The source is the file's name, which is the same in the next run.
func (a *app) input(args []string) (text []byte, source string, err error) {
	file := ""
	if len(args) == 1 && args[0] != "-" {
		file = args[0]
		source = filepath.Base(file)
	} else if isTerminal(a.in) {
		return nil, "", service.Fail(service.Failed, "there is nothing to read").Because("Name a FILE, or pipe it in.")
	}
	text, err = a.read(file, "")
	return text, source, err
}

func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usage(cmd, cmd.Name()+" takes one "+what+" at most")
		}
		return nil
	}
}

func fieldsFlag(c *cobra.Command, in *importing) {
	c.Flags().BoolVar(&in.fields, "fields", false, "a value that is a JSON object: make a secret of each field, NAME/FIELD")
}

func secretsManagerImport(a *app, in *importing) *cobra.Command {
	begin := ""
	c := &cobra.Command{
		Use:   "aws-secretsmanager",
		Short: "From AWS Secrets Manager, by AWS's usual credentials",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := config.LoadDefaultConfig(cmd.Context())
			if err != nil {
				return err
			}
			return a.transfer(cmd.Context(), in, transfer.SecretsManager(cmd.Context(), settings, begin, in.prefix))
		},
	}
	c.Flags().StringVar(&begin, "begin", "", "only secrets whose names begin so")
	fieldsFlag(c, in)
	return c
}

func parameterImport(a *app, in *importing) *cobra.Command {
	path := ""
	c := &cobra.Command{
		Use:   "aws-ssm",
		Short: "From AWS's SSM Parameter Store, by AWS's usual credentials",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.fromParameters(cmd.Context(), in, path) },
	}
	c.Flags().StringVar(&path, "path", "", "only parameters below this path, such as /app")
	return c
}

func (a *app) fromParameters(ctx context.Context, in *importing, path string) error {
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	return a.transfer(ctx, in, transfer.ParameterStore(ctx, settings, path, in.prefix))
}

func chamberImport(a *app, in *importing) *cobra.Command {
	return &cobra.Command{
		Use:   "chamber SERVICE [FILE]",
		Short: "From chamber: its parameters /SERVICE/… in AWS, or the JSON that chamber export has written",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usage(cmd, "chamber needs a SERVICE, and takes a file")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			name := strings.Trim(args[0], "/")
			if len(args) == 1 {
				return a.fromParameters(cmd.Context(), in, "/"+name)
			}
			text, source, err := a.input(args[1:])
			if err != nil {
				return err
			}
			items, err := transfer.JSON(text, "chamber "+source, in.prefix+name+"/")
			if err != nil {
				return err
			}
			return a.transfer(cmd.Context(), in, items)
		},
	}
}

func vaultImport(a *app, in *importing) *cobra.Command {
	mount := ""
	c := &cobra.Command{
		Use:   "vault [PATH]",
		Short: "From a KV engine of version 2 of Vault or OpenBao, by VAULT_ADDR and VAULT_TOKEN",
		Args:  atMostOne("path"),
		RunE: func(cmd *cobra.Command, args []string) error {
			v := transfer.Vault{Address: a.getenv("VAULT_ADDR"), Token: a.getenv("VAULT_TOKEN"), Namespace: a.getenv("VAULT_NAMESPACE"), Mount: mount}
			if v.Token == "" {
				if home, err := os.UserHomeDir(); err == nil {
					text, _ := os.ReadFile(filepath.Join(home, ".vault-token")) // vault login writes it
					v.Token = strings.TrimSpace(string(text))
				}
			}
			if v.Address == "" || v.Token == "" {
				return service.Fail(service.Failed, "nothing says where Vault is, or as whom to ask it").Because("Set VAULT_ADDR and VAULT_TOKEN.")
			}
			below := ""
			if len(args) == 1 {
				below = args[0]
			}
			return a.transfer(cmd.Context(), in, v.Items(cmd.Context(), below, in.prefix))
		},
	}
	c.Flags().StringVar(&mount, "mount", "secret", "where the engine is mounted")
	fieldsFlag(c, in)
	return c
}

// imported counts what an import did.
type imported struct {
	DryRun    bool              `json:"dry_run"`
	New       int               `json:"new"`
	Changed   int               `json:"changed"`
	Unchanged int               `json:"unchanged"`
	Skipped   int               `json:"skipped"`
	Secrets   []transfer.Result `json:"secrets"`
}

// transfer imports the items, says what it does, and fails if it had to skip any.
func (a *app) transfer(ctx context.Context, in *importing, items transfer.Items) error {
	s, err := a.service()
	if err != nil {
		return err
	}
	if in.fields {
		items = transfer.Fields(items)
	}
	done := imported{DryRun: in.dryRun, Secrets: []transfer.Result{}}
	err = transfer.Import{Service: s, DryRun: in.dryRun, Report: func(r transfer.Result) { a.progress(&done, r) }}.Run(ctx, items)
	if printing := a.summary(done); printing != nil {
		return printing
	}
	switch {
	case err != nil:
		a.tell("the import has stopped; run it again, and it goes on there")
		return err
	case done.Skipped > 0:
		return service.Fail(service.Failed, "not everything was imported: %d skipped", done.Skipped)
	}
	return nil
}

// progress counts a result, and shows it while the import goes on.
func (a *app) progress(done *imported, r transfer.Result) {
	switch r.Done {
	case transfer.Made:
		done.New++
	case transfer.Extended:
		done.Changed++
	case transfer.Unchanged:
		done.Unchanged++
	default:
		done.Skipped++
	}
	done.Secrets = append(done.Secrets, r)
	if a.json {
		return
	}
	line := []string{r.Done, r.Name}
	switch {
	case r.Why != "":
		line = append(line, r.Why)
	case r.Versions == 1:
		line = append(line, "1 version")
	case r.Versions > 1:
		line = append(line, fmt.Sprintf("%d versions", r.Versions))
	}
	fmt.Fprintln(a.out, strings.Join(plain(line), "\t"))
}

func (a *app) summary(done imported) error {
	if a.json {
		return a.printJSON(done)
	}
	would := ""
	if done.DryRun {
		would = "It would be: "
	}
	a.tell("%s%d new, %d changed, %d unchanged, %d skipped", would, done.New, done.Changed, done.Unchanged, done.Skipped)
	return nil
}
