package fleet

// Own lists how the ledgers of this process stand, in order, as Everywhere does.
func (f *Fleet) Own() []Standing {
	here := f.Here()
	all := make([]Standing, 0, len(here))
	for _, s := range here {
		all = append(all, Standing{s, f.cfg.Name, f.cfg.Addr})
	}
	return all
}
