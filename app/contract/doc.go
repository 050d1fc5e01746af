// Package contract judges folders of schemas: it knows which file is which version of which subject, what of it is published
// already, and has domain/contract judge the rest.
//
// It takes files as texts: whoever calls it reads them, from a folder or from a commit. cmd imports it.
package contract
