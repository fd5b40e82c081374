package engine

import "context"

// Carry carries out what a plan has for its first source, and checks nothing afterwards.
func (p *Prepared) Carry(ctx context.Context) (SourceResult, error) {
	return p.one(ctx, p.sources.Connected[0].Source.Name())
}
