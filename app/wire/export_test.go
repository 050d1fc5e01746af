package wire

// Sentinels are the errors whose identity c keeps.
func Sentinels(c *Codec) []Sentinel { return c.sentinels }
