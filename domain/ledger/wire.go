package ledger

// Framed appends what write writes, after its length: a reader takes it with Blob, and can
// leave what a newer version of the program has added at its end.
func (w *Writer) Framed(write func(*Writer)) { w.framed(write) }
