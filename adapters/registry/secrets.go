package registry

import (
	"encoding/base64"
	"strings"
	"unicode"
)

// secrets are texts that no message may have, whoever says them: servers repeat what they were sent.
type secrets []string

func secretsOf(cfg Config) secrets {
	var all secrets
	if cfg.Password != "" {
		all = append(all, base64.StdEncoding.EncodeToString([]byte(cfg.Username+":"+cfg.Password)), cfg.Password)
	}
	if cfg.Token != "" {
		all = append(all, cfg.Token)
	}
	return all
}

// mask makes what a server said fit for people and logs: no secrets, and nothing that moves a terminal's cursor or begins a line, which
// some systems of CI obey.
func (s secrets) mask(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "********")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
