package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"inventory/adapters/registry"
	"inventory/adapters/tlsfiles"
	"inventory/app/contract"
)

// registryFlag is the flag of commands that ask a registry.
type registryFlag struct {
	Registry string `placeholder:"URL" help:"A Confluent-compatible schema registry. Default: --registry-url."`
}

// registryCodes are part of the help of the commands that ask a registry.
const registryCodes = `
The registry is asked as the settings --registry-… say; its password and token come from the environment. It may take
--registry-timeout (10s) for an answer, and no longer than --timeout. Exit codes of a registry that can't be asked: 4 it
is not reached, does not answer in time or is in trouble, and the same command may succeed later; 2 it does not let
this user in, its certificate is not trusted, or what is at the URL is no registry: mend the settings.`

// open gives a client; close it in the end.
func (f registryFlag) open(p *program) (*registry.Client, error) {
	url := f.Registry
	if url == "" {
		url = p.settings.RegistryURL
	}
	if url == "" {
		return nil, fmt.Errorf("%w: --registry or --registry-url: expected", errUsage)
	}
	client, err := p.settings.newRegistry(url)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	return client, nil
}

// ask opens a client for what is done with it, for as long as --timeout.
func (f registryFlag) ask(ctx context.Context, p *program, do func(ctx context.Context, client *registry.Client) error) error {
	client, err := f.open(p)
	if err != nil {
		return err
	}
	defer client.Close()
	within, cancel := context.WithTimeout(ctx, p.settings.Timeout)
	defer cancel()
	err = do(within, client)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("%w: it has not answered all that was asked within --timeout=%s: see whether it is well, or give it longer", err, p.settings.Timeout)
	}
	return err
}

// published is a registry with the subjects of the deployment's topics.
func (p *program) published(client *registry.Client) contract.Published {
	return contract.Published{Name: client.URL(), Prefix: p.settings.Topic.Prefix, History: client, Rules: client}
}

// newRegistry gives a client as the settings say.
func (s *settings) newRegistry(url string) (*registry.Client, error) {
	r := s.Registry
	var certificates *tls.Config // the system's
	if r.CA+r.Cert+r.Key != "" {
		var err error
		if certificates, err = (tlsfiles.Files{Of: "the registry", CA: r.CA, Cert: r.Cert, Key: r.Key}).Config(); err != nil {
			return nil, err
		}
	}
	return registry.New(registry.Config{
		URL: url, Username: r.Username, Password: r.password, Token: r.token, TLS: certificates, Timeout: r.Timeout,
	})
}

// readSchemas reads the schemas of a folder that has to be there.
func readSchemas(dir string) (tree contract.Tree, name string, err error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, "", fmt.Errorf("%w: --dir=%s: expected a folder that is there", errUsage, dir)
	}
	tree, err = contract.ReadTree(os.DirFS(dir))
	if err != nil {
		return nil, "", fmt.Errorf("%w: --dir=%s: %w", errUsage, dir, err)
	}
	return tree, filepath.ToSlash(filepath.Clean(dir)), nil
}

// faults says what can be seen to be wrong before anything is opened.
func (r registrySettings) faults(fault func(bad bool, format string, args ...any)) {
	fault(r.Timeout <= 0, "--registry-timeout=%s: expected more than 0", r.Timeout)
	fault((r.Cert == "") != (r.Key == ""), "--registry-cert and --registry-key: expected both, or neither")
	fault(r.Username != "" && r.token != "", "--registry-username and INVENTORY_REGISTRY_TOKEN: expected one of them")
}

// registrySettings say how a registry is spoken to.
type registrySettings struct {
	Username string        `placeholder:"NAME" help:"User name; the password comes from INVENTORY_REGISTRY_PASSWORD alone. Or a bearer token, from INVENTORY_REGISTRY_TOKEN alone."`
	CA       string        `name:"ca" placeholder:"FILE" help:"Certificates that the registry's chains to, in PEM, instead of the system's."`
	Cert     string        `placeholder:"FILE" help:"A certificate that the registry knows us by, in PEM."`
	Key      string        `placeholder:"FILE" help:"Its private key, in PEM."`
	Timeout  time.Duration `default:"10s" help:"How long the registry may take for an answer."`
	password string
	token    string
}
