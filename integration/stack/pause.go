package stack

import "syscall"

// Pause stops a server as it stands (SIGSTOP): it keeps its connections, and answers nobody.
func (s *Stack) Pause(service Service) error { return s.signal(service, syscall.SIGSTOP) }

// Continue has a paused server go on. It may not have been paused.
func (s *Stack) Continue(service Service) error { return s.signal(service, syscall.SIGCONT) }

func (s *Stack) signal(service Service, sig syscall.Signal) error {
	srv, err := s.server(service)
	if err != nil {
		return err
	}
	return srv.process.signal(sig)
}
