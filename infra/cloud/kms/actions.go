package kms

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
)

const (
	maxDataKey    = 1024
	maxMACMessage = 4096
	maxCiphertext = 6144
)

type dataKeyRequest struct {
	KeyID             string `json:"KeyId"`
	KeySpec           string
	NumberOfBytes     *int
	EncryptionContext map[string]string
}

type dataKeyAnswer struct {
	KeyID          string `json:"KeyId"`
	Plaintext      []byte
	CiphertextBlob []byte
}

func (s *Server) generateDataKey(r dataKeyRequest) (any, error) {
	key, err := s.key(r.KeyID, false)
	if err != nil {
		return nil, err
	}
	size, err := r.size()
	if err != nil {
		return nil, err
	}
	plaintext := make([]byte, size)
	_, _ = rand.Read(plaintext) // never fails
	blob, err := wrap(key, plaintext, r.EncryptionContext)
	if err != nil {
		return nil, err
	}
	return dataKeyAnswer{KeyID: key.ARN, Plaintext: plaintext, CiphertextBlob: blob}, nil
}

func (r dataKeyRequest) size() (int, error) {
	switch {
	case (r.KeySpec == "") == (r.NumberOfBytes == nil):
		return 0, faultf("ValidationException", "Please specify either number of bytes or key spec.")
	case r.KeySpec == "AES_256":
		return 32, nil
	case r.KeySpec != "":
		return 0, faultf("ValidationException", "KeySpec %q is not one that the local KMS knows.", r.KeySpec)
	case *r.NumberOfBytes < 1 || *r.NumberOfBytes > maxDataKey:
		return 0, faultf("ValidationException", "NumberOfBytes must be 1 to %d.", maxDataKey)
	}
	return *r.NumberOfBytes, nil
}

type decryptRequest struct {
	KeyID               string `json:"KeyId"`
	CiphertextBlob      []byte
	EncryptionContext   map[string]string
	EncryptionAlgorithm string
}

type decryptAnswer struct {
	KeyID               string `json:"KeyId"`
	Plaintext           []byte
	EncryptionAlgorithm string
}

func (s *Server) decrypt(r decryptRequest) (any, error) {
	if r.EncryptionAlgorithm != "" && r.EncryptionAlgorithm != "SYMMETRIC_DEFAULT" {
		return nil, faultf("InvalidKeyUsageException", "EncryptionAlgorithm %q does not fit the key.", r.EncryptionAlgorithm)
	}
	if len(r.CiphertextBlob) == 0 || len(r.CiphertextBlob) > maxCiphertext {
		return nil, faultf("ValidationException", "CiphertextBlob must be 1 to %d bytes.", maxCiphertext)
	}
	wrappedBy, ok := s.keys[keyOf(r.CiphertextBlob)]
	if r.KeyID != "" {
		named, err := s.key(r.KeyID, false)
		if err != nil {
			return nil, err
		}
		if ok && named.ARN != wrappedBy.ARN {
			return nil, faultf("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
		}
	}
	if !ok {
		return nil, errCiphertext
	}
	plaintext, err := unwrap(wrappedBy, r.CiphertextBlob, r.EncryptionContext)
	if err != nil {
		return nil, err
	}
	return decryptAnswer{KeyID: wrappedBy.ARN, Plaintext: plaintext, EncryptionAlgorithm: "SYMMETRIC_DEFAULT"}, nil
}

type macRequest struct {
	KeyID        string `json:"KeyId"`
	MacAlgorithm string
	Message      []byte
}

type macAnswer struct {
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
		return nil, faultf("InvalidKeyUsageException", "MacAlgorithm %q does not fit the key.", r.MacAlgorithm)
	}
	if len(r.Message) == 0 || len(r.Message) > maxMACMessage {
		return nil, faultf("ValidationException", "Message must be 1 to %d bytes.", maxMACMessage)
	}
	sum := hmac.New(sha256.New, key.Secret)
	_, _ = sum.Write(r.Message)
	return macAnswer{KeyID: key.ARN, Mac: sum.Sum(nil), MacAlgorithm: r.MacAlgorithm}, nil
}
