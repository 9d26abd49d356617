package kms

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
)

const (
	dataKeyBytes  = 32 // of AES_256
	maxMACMessage = 4096
	maxCiphertext = 6144
)

type dataKeyRequest struct {
	KeyID             string `json:"KeyId"`
	KeySpec           string
	EncryptionContext map[string]string
}

type dataKeyResponse struct {
	KeyID          string `json:"KeyId"`
	Plaintext      []byte
	CiphertextBlob []byte
}

func (s *Server) generateDataKey(r dataKeyRequest) (any, error) {
	key, err := s.key(r.KeyID, false)
	if err != nil {
		return nil, err
	}
	if r.KeySpec != "AES_256" {
		return nil, faultf("ValidationException", "The local KMS does not support KeySpec %q: use AES_256.", r.KeySpec)
	}
	plaintext := make([]byte, dataKeyBytes)
	_, _ = rand.Read(plaintext) // never fails
	blob, err := wrap(key, plaintext, r.EncryptionContext)
	if err != nil {
		return nil, err
	}
	return dataKeyResponse{KeyID: key.ARN, Plaintext: plaintext, CiphertextBlob: blob}, nil
}

type decryptRequest struct {
	KeyID             string `json:"KeyId"`
	CiphertextBlob    []byte
	EncryptionContext map[string]string
}

type decryptResponse struct {
	KeyID               string `json:"KeyId"`
	Plaintext           []byte
	EncryptionAlgorithm string
}

func (s *Server) decrypt(r decryptRequest) (any, error) {
	key, err := s.key(r.KeyID, false)
	if err != nil {
		return nil, err
	}
	if len(r.CiphertextBlob) == 0 || len(r.CiphertextBlob) > maxCiphertext {
		return nil, faultf("ValidationException", "CiphertextBlob must be 1 to %d bytes.", maxCiphertext)
	}
	wrappedBy, ok := s.keys[keyOf(r.CiphertextBlob)]
	switch {
	case !ok:
		return nil, errCiphertext
	case key.ARN != wrappedBy.ARN:
		return nil, faultf("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
	}
	plaintext, err := unwrap(key, r.CiphertextBlob, r.EncryptionContext)
	if err != nil {
		return nil, err
	}
	return decryptResponse{KeyID: key.ARN, Plaintext: plaintext, EncryptionAlgorithm: "SYMMETRIC_DEFAULT"}, nil
}

type macRequest struct {
	KeyID        string `json:"KeyId"`
	MacAlgorithm string
	Message      []byte
}

type macResponse struct {
	KeyID        string `json:"KeyId"`
	Mac          []byte
	MacAlgorithm string
}

func (s *Server) generateMac(r macRequest) (any, error) {
	key, err := s.key(r.KeyID, true)
	if err != nil {
		return nil, err
	}
	if r.MacAlgorithm != "HMAC_SHA_256" {
		return nil, faultf("InvalidKeyUsageException", "MacAlgorithm %q does not fit the key: use HMAC_SHA_256.", r.MacAlgorithm)
	}
	if len(r.Message) == 0 || len(r.Message) > maxMACMessage {
		return nil, faultf("ValidationException", "Message must be 1 to %d bytes.", maxMACMessage)
	}
	sum := hmac.New(sha256.New, key.Secret)
	_, _ = sum.Write(r.Message)
	return macResponse{KeyID: key.ARN, Mac: sum.Sum(nil), MacAlgorithm: r.MacAlgorithm}, nil
}
