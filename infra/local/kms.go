package main

import (
	"context"

	"keepsake/infra/cloud/kms"
)

func (s *stack) startKMS(context.Context) error {
	var specs []kms.Key
	for _, key := range s.template.Keys {
		specs = append(specs, kms.Key{ARN: key.ARN, MAC: key.MAC})
	}
	keys, err := kms.LoadKeys(keysPath, specs)
	if err != nil {
		return err
	}
	s.kms, err = s.serve(kms.New(keys...))
	return err
}
