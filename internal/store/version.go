package store

// VersionLike gives the newest version of a document that had exactly this body; Number 0 when it
// never had. A file that is imported at every start is so imported once.
func (tx *Tx) VersionLike(controller int64, kind, body string) (Version, error) {
	return tx.version("controller_id = ? AND kind = ? AND body = ?", controller, kind, body)
}
