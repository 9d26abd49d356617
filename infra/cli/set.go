package main

import (
	"context"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/client"
	"keepsake/infra/cli/service"
)

// maxValue is the largest value that the service takes, in bytes.
const maxValue = 65536

// setting is what keepsake set was told.
type setting struct {
	file, kind, description, comment string
	labels                           []string
	base64                           bool
}

func setCommand(a *app) *cobra.Command {
	var in setting
	c := &cobra.Command{
		Use:               "set NAME",
		Short:             "Make a secret, or its next version, with the value from stdin or a file",
		Args:              withoutValue("NAME", "Pipe the value in, or use --file."),
		ValidArgsFunction: completeNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			labels, err := in.labelled(cmd)
			if err != nil {
				return err
			}
			s, err := a.service()
			if err != nil {
				return err
			}
			text, err := a.read(in.file, "Value: ")
			if err != nil {
				return err
			}
			value, err := checkValue(text, in.base64)
			if err != nil {
				return err
			}
			return a.set(cmd.Context(), s, args[0], value, in, labels)
		},
	}
	flags := c.Flags()
	flags.StringVar(&in.file, "file", "", "read the value from this file, all of it")
	flags.StringVar(&in.kind, "kind", "generic", "the kind of a new secret")
	flags.StringVar(&in.description, "description", "", "what a new secret is for")
	flags.StringArrayVar(&in.labels, "label", nil, "a label of a new secret: KEY=VALUE")
	flags.StringVar(&in.comment, "comment", "", "why there is another version")
	flags.BoolVar(&in.base64, "base64", false, "store the bytes as base64: values are text")
	return c
}

func (in setting) labelled(cmd *cobra.Command) (client.Labels, error) {
	labels := client.Labels{}
	for _, label := range in.labels {
		key, value, ok := strings.Cut(label, "=")
		if !ok {
			return nil, usage(cmd, "a label is KEY=VALUE")
		}
		labels[key] = value
	}
	return labels, nil
}

// checkValue returns a value as the service takes it. What it says contains nothing of the value.
func checkValue(text []byte, encode bool) (string, error) {
	if encode {
		text = []byte(base64.StdEncoding.EncodeToString(text))
	}
	switch {
	case len(text) == 0:
		return "", service.Fail(service.Failed, "the value is empty").Because("Pipe it in, or use --file.")
	case len(text) > maxValue:
		return "", service.Fail(service.Failed, "the value has %d bytes; a value has %d at most", len(text), maxValue)
	case !utf8.Valid(text):
		return "", service.Fail(service.Failed, "the value is not text in UTF-8").
			Because("Store it as base64: --base64, and read it with keepsake get --base64.")
	}
	return string(text), nil
}

// set makes the next version of the secret of a name, or a secret if none has the name.
func (a *app) set(ctx context.Context, s *service.Service, name, value string, in setting, labels client.Labels) error {
	found, err := s.Find(ctx, name)
	if err == nil {
		made, failure := s.AddVersion(ctx, found.Id, "", client.SecretVersionCreate{Value: value, Comment: optional(in.comment)})
		if failure == nil {
			return a.say(map[string]any{"id": found.Id, "name": found.Name, "version": made.VersionNumber, "created": false},
				"%s: version %d (%s)", found.Name, made.VersionNumber, found.Id)
		}
		err = failure // Missing: it was deleted a moment ago, and lists still show it
	}
	if !service.Is(err, service.Missing) || isAmbiguous(err) || service.IsID(name) {
		return err
	}
	body := client.SecretCreate{Name: name, Kind: client.SecretCreateKind(in.kind), Value: value, Description: optional(in.description)}
	if len(labels) > 0 {
		body.Labels = &labels
	}
	made, err := s.Create(ctx, "", body)
	if err != nil {
		return err
	}
	s.SettleActive(ctx, name, made.Id)
	return a.say(map[string]any{"id": made.Id, "name": made.Name, "version": 1, "created": true}, "%s: new (%s)", made.Name, made.Id)
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
