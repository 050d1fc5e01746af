package embedded

import (
	"errors"
	"fmt"
	"net/http"
)

// Confluent's error codes. Their first three digits are the HTTP status.
const (
	codeMalformed           = 400
	codeNotFound            = 404
	codeTooLarge            = 413
	codeIncompatible        = 409
	codeSubjectNotFound     = 40401
	codeVersionNotFound     = 40402
	codeSchemaNotFound      = 40403
	codeSubjectSoftDeleted  = 40404
	codeSubjectNotDeleted   = 40405
	codeVersionSoftDeleted  = 40406
	codeVersionNotDeleted   = 40407
	codeSubjectWithoutLevel = 40408
	codeInvalidSchema       = 42201
	codeInvalidVersion      = 42202
	codeInvalidLevel        = 42203
	codeInvalidMode         = 42204
	codeNotImporting        = 42205
	codeStore               = 50001
)

// refusal is an answer other than success.
type refusal struct {
	Code    int    `json:"error_code"`
	Message string `json:"message"`
}

func (r *refusal) Error() string { return r.Message }

func (r *refusal) status() int {
	status := r.Code
	for status > 999 {
		status /= 10
	}
	return status
}

func refuse(code int, format string, args ...any) error {
	return &refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// refusalOf is what a client is told of an error.
func refusalOf(err error) *refusal {
	var known *refusal
	if errors.As(err, &known) {
		return known
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &refusal{codeTooLarge, fmt.Sprintf("the request exceeds %d bytes", large.Limit)}
	}
	return &refusal{codeStore, err.Error()}
}
