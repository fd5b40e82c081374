package engine

import "context"

// Carry carries out what a plan has for its first source, and checks nothing afterwards.
func (p *Prepared) Carry(ctx context.Context) (SourceResult, error) {
	return p.one(ctx, p.sources.Connected[0].Source.Name())
}

var installed = secondAfter

func init() { secondAfter = 0 } // the tests' companies are small

// AsInstalled is for benchmarks: a second connection where the product opens one.
func AsInstalled() { secondAfter = installed }
